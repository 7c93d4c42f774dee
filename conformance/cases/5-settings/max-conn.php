<?php
/*
 * max_conn: more connections are not taken.
 *
 * differs: one too many is told 503 before it is closed
 * open a /
 * open b /
 * c GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 503
 * c< eof
 * drop b
 * note closed
 * wait 100ms
 * tcp d
 * GET /
 * status 503
 */
require __DIR__ . '/conform.php';
$server = server(['max_conn' => 2]);
$server->on('message', function () {
});
$server->on('close', function () {
    note('closed');
});
$server->start();
