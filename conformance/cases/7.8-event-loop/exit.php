<?php
/*
 * exit() ends the loop.
 *
 * mode resident
 * differs: the worker ends in order and is replaced
 * open a /
 * a> text exit
 * note stop
 * a> text hello
 * a< text hello
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStop', function () {
    note('stop');
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'exit') {
        Swoole\Event::exit();
        return;
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
