<?php
/*
 * detach() and a 101 by send(): the connection is a WebSocket.
 *
 * open a /
 * header X-Raw: 1
 * a> text hi
 * a< text hi 3
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('handshake', function ($request, $response) use ($server) {
    $key = base64_encode(sha1($request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
    $response->detach();
    $server->send($request->fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        . "Sec-WebSocket-Accept: $key\r\nX-Raw: 1\r\n\r\n");
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data . ' ' . $server->getClientInfo($frame->fd)['websocket_status']);
});
$server->start();
