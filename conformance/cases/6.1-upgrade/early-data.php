<?php
/*
 * A client may say something in the same segment as its handshake.
 *
 * differs: a message in the same segment as the handshake is taken; Swoole answers 400
 * tcp a
 * a> raw "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x82\x00\x00\x00\x00hi"
 * a< answer
 * status 101
 * a< text hi
 * a> text more
 * a< text more
 * note hi
 * note more
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    note($frame->data);
    $server->push($frame->fd, $frame->data);
});
$server->start();
