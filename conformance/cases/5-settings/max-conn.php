<?php
/*
 * max_conn: more connections are not taken.
 *
 * differs: it counts WebSockets; one too many is answered with 503
 * open a /
 * open b /
 * c GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 503
 * c< eof
 */
require __DIR__ . '/conform.php';
$server = server(['max_conn' => 2]);
$server->on('message', function () {
});
$server->start();
