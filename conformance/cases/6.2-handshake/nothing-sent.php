<?php
/*
 * A handshake that sends nothing is answered with 500; close comes with reactor -1 and status 5.
 *
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 500
 * no header Content-Length
 * no header Content-Type
 * body ""
 * a< eof
 * note close 1 -1 5
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('handshake', function () {
    return true;
});
$server->on('message', function () {
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor, $server->getClientInfo($fd)['websocket_status']);
});
$server->start();
