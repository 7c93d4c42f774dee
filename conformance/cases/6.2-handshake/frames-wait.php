<?php
/*
 * Frames that come while onHandshake runs wait for it.
 *
 * tcp a
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 101
 * a> text one
 * a< text one
 * note handshake
 * note message
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('handshake', function ($request, $response) {
    usleep(30000);
    note('handshake');
    $response->header('Upgrade', 'websocket');
    $response->header('Connection', 'Upgrade');
    $response->header('Sec-WebSocket-Accept', base64_encode(sha1($request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true)));
    $response->status(101);
});
$server->on('message', function ($server, $frame) {
    note('message');
    $server->push($frame->fd, $frame->data);
});
$server->start();
