<?php
/*
 * kill -9: workerError with signal 9; the connection stays.
 *
 * mode resident
 * note start
 * open a /
 * a> text kill
 * note error 0 0 9
 * note start
 * a> text hello
 * a< text hello
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStart', function () {
    note('start');
});
$server->on('workerError', function ($server, $id, $pid, $code, $signal) {
    note('error', $id, $code, $signal);
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'kill') {
        Swoole\Process::kill(getmypid(), SIGKILL);
        usleep(1000000);
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
