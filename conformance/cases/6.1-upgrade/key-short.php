<?php
/*
 * A key of another length is answered with 400 and an end.
 *
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j
 * status 400
 * a< eof
 * note close 1 -1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor);
});
$server->start();
