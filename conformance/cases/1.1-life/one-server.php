<?php
/*
 * A second server while one is there throws with code -3.
 *
 * open a /
 * a> text x
 * a< text Swoole\Exception -3: server is running. unable to create Swoole\WebSocket\Server
 */
require __DIR__ . '/conform.php';
$server = server();
$said = tried(function () {
    return new Swoole\WebSocket\Server('127.0.0.1', 9502);
});
$server->on('message', function ($server, $frame) use ($said) {
    $server->push($frame->fd, str_replace(' | 503', '', $said));
});
$server->start();
