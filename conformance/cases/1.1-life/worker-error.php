<?php
/*
 * exit() ends the worker: workerError with its status, no workerStop; the connection stays and the next worker has it.
 *
 * mode resident
 * note start
 * open a /
 * a> text exit
 * note error 0 true 255 0
 * note start
 * a> text hello
 * a< text hello 1
 * a> text throw
 * note error 0 true 255 0
 * note start
 * log RuntimeException: on purpose
 * a> text hello
 * a< text hello 1
 * a> text coroutine
 * note error 0 true 255 0
 * note start
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStart', function () {
    note('start');
});
$server->on('workerStop', function () {
    note('stop');
});
$server->on('workerError', function ($server, $id, $pid, $code, $signal) {
    note('error', $id, $pid > 0, $code, $signal);
});
$server->on('message', function ($server, $frame) {
    static $n = 0;
    if ($frame->data === 'exit') {
        exit(255);
    }
    if ($frame->data === 'throw') {
        throw new RuntimeException('on purpose');
    }
    if ($frame->data === 'coroutine') {
        go(function () {
            Co::sleep(0.01);
            exit(255);
        });
        return;
    }
    $server->push($frame->fd, $frame->data . ' ' . ++$n);
});
$server->start();
