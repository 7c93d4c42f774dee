<?php
/*
 * A second WebSocket port has callbacks of its own; fds count over all ports.
 *
 * ports 2
 * open a /
 * open b:2 /
 * a> text x
 * a< text one 1 x
 * b> text x
 * b< text two 2 x
 * a> text all
 * a< text to all
 * b< text to all
 * a< text one 1 all
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'all') {
        foreach ($server->connections as $fd) {
            $server->push($fd, 'to all');
        }
    }
    $server->push($frame->fd, "one $frame->fd $frame->data");
});
$port = $server->addlistener('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
$port->on('message', function ($server, $frame) {
    $server->push($frame->fd, "two $frame->fd $frame->data");
});
$server->start();
