<?php
/*
 * Sec-WebSocket-Version is not looked at: it may be missing.
 *
 * differs: a handshake without version 13 is refused, as RFC 6455 4.2.1 has it
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 426
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
