<?php
/*
 * Other version.
 *
 * differs: another version is refused with 426 or 400, as RFC 6455 4.2.2 has it
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 *   Sec-WebSocket-Version: 8
 * status 426
 * header Sec-WebSocket-Version: 13
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->start();
