<?php
/*
 * Another extension in front of it, and there is no compression.
 *
 * differs: an offer is found wherever it stands, as RFC 7692 has it
 * open a /
 *   Sec-WebSocket-Extensions: x-other, permessage-deflate
 * header Sec-WebSocket-Extensions: ~ ^permessage-deflate
 */
require __DIR__ . '/conform.php';
$server = server(['websocket_compression' => true]);
$server->on('message', function () {
});
$server->start();
