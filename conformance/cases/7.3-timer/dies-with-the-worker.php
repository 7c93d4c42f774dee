<?php
/*
 * Timers end with their worker; an exception in one ends it, too.
 *
 * mode resident
 * note start
 * open a /
 * a> text throw
 * note error 255 0
 * note start
 * log RuntimeException: in a timer
 * a> text num
 * a< text 1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStart', function () {
    note('start');
    Swoole\Timer::tick(60000, function () {
    });
});
$server->on('workerError', function ($server, $id, $pid, $code, $signal) {
    note('error', $code, $signal);
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'num') {
        $server->push($frame->fd, (string) Swoole\Timer::stats()['num']);
        return;
    }
    Swoole\Timer::after(10, function () {
        throw new RuntimeException('in a timer');
    });
});
$server->start();
