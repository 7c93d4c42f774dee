<?php
/*
 * A port without set() and on() has the server's callbacks and protocol.
 *
 * ports 2
 * open b:2 /
 * b> text x
 * b< text x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
$server->start();
