<?php
/*
 * websocket_subprotocol is not applied to a handshake of the script.
 *
 * open a /
 * no header Sec-WebSocket-Protocol
 */
require __DIR__ . '/conform.php';
$server = server(['websocket_subprotocol' => 'chat']);
$server->on('handshake', function ($request, $response) {
    $response->header('Upgrade', 'websocket');
    $response->header('Connection', 'Upgrade');
    $response->header('Sec-WebSocket-Accept', base64_encode(sha1($request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true)));
    $response->status(101);
    $response->end();
});
$server->on('message', function () {
});
$server->start();
