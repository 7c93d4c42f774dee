<?php
/*
 * Push long ping.
 *
 * differs: control frames over 125 bytes are refused; Swoole sends them, and no client takes them
 * open a /
 * a> text go
 * a< text ~ ^false \|.* \| 8505
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->push($frame->fd, str_repeat('x', 126), WEBSOCKET_OPCODE_PING);
});
$server->start();
