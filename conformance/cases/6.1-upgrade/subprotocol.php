<?php
/*
 * websocket_subprotocol is in each 101, whatever the client offers.
 *
 * open a /
 * header Sec-WebSocket-Protocol: chat
 * open b /
 *   Sec-WebSocket-Protocol: other
 * header Sec-WebSocket-Protocol: chat
 */
require __DIR__ . '/conform.php';
$server = server(['websocket_subprotocol' => 'chat']);
$server->on('message', function () {
});
$server->start();
