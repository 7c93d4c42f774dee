<?php
/*
 * Without the setting a protocol that the client offers is not answered.
 *
 * open a /
 *   Sec-WebSocket-Protocol: chat
 * no header Sec-WebSocket-Protocol
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->start();
