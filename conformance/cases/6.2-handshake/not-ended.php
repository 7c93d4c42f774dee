<?php
/*
 * A 101 without end() is sent when the callback is over.
 *
 * open a /
 * a> text hi
 * a< text hi
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('handshake', function ($request, $response) {
    $response->header('Upgrade', 'websocket');
    $response->header('Connection', 'Upgrade');
    $response->header('Sec-WebSocket-Accept', base64_encode(sha1($request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true)));
    $response->status(101);
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
