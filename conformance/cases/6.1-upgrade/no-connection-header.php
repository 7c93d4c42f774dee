<?php
/*
 * The Connection header is not looked at.
 *
 * differs: a request without Connection: Upgrade is a plain one, as RFC 9110 7.8 has it
 * a GET /
 *   Upgrade: websocket
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 400
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
