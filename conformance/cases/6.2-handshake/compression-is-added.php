<?php
/*
 * With websocket_compression the answer to permessage-deflate is appended to the script's own 101.
 *
 * open a /
 *   Sec-WebSocket-Extensions: permessage-deflate
 * header Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover
 * a> deflate times 40 hello
 * a< deflate times 40 hello
 */
require __DIR__ . '/conform.php';
$server = server(['websocket_compression' => true]);
$server->on('handshake', function ($request, $response) {
    $response->header('Upgrade', 'websocket');
    $response->header('Connection', 'Upgrade');
    $response->header('Sec-WebSocket-Accept', base64_encode(sha1($request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true)));
    $response->status(101);
    $response->end();
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
