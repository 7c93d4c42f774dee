<?php
/*
 * Control frames are whole whatever the flags say.
 *
 * open a /
 * a> text go
 * a< ping x
 * a< pong y
 * a< text [true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return [$server->push($frame->fd, 'x', WEBSOCKET_OPCODE_PING, 0), $server->push($frame->fd, 'y', WEBSOCKET_OPCODE_PONG, 0)];
});
$server->start();
