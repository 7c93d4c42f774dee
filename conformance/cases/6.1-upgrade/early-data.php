<?php
/*
 * Early data.
 *
 * differs: a message in the same segment as the handshake is taken; Swoole answers 400
 * tcp a
 * a> raw "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x82\x00\x00\x00\x00hi"
 * a GET /
 *   -Host
 * status 101
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    note($frame->data);
});
$server->start();
