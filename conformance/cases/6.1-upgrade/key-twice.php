<?php
/*
 * Two keys are answered with 400 and an end.
 *
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 400
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->start();
