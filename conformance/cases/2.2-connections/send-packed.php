<?php
/*
 * send() of a packed frame to a WebSocket is a frame to its client.
 *
 * open a /
 * a> text go
 * a< text packed
 * a< text true
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->send($frame->fd, Swoole\WebSocket\Server::pack('packed'));
});
$server->start();
