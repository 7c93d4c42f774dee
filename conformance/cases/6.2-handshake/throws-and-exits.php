<?php
/*
 * An exception or exit in the callback refuses the handshake; what was sent before exit is sent. Others are untouched.
 *
 * differs: 500, not an end without an answer; in request mode an exception takes back the 101, too
 * args --workers 1
 * open b /?do=shake
 * x GET /?do=throw
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==
 * status 500
 * x< eof
 * log ~ RuntimeException: thrown in the handshake.*line[= ]45
 * note closed -1
 * y GET /?do=exit
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==
 * status 500
 * y< eof
 * log the callback handshake, which begins here, called exit
 * note closed -1
 * open z /?do=late
 * z> text hello
 * z< text hello
 * b> text alive
 * b< text alive
 */
require __DIR__ . '/conform.php';
$server = server();
function shake($request, $response): void
{
    $key = $request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
    $response->header('Sec-WebSocket-Accept', base64_encode(sha1($key, true)));
    $response->header('Upgrade', 'websocket');
    $response->header('Connection', 'Upgrade');
    $response->status(101);
    $response->end();
}
$server->on('handshake', function ($request, $response) {
    if ($request->get['do'] === 'throw') {
        throw new RuntimeException('thrown in the handshake');
    }
    if ($request->get['do'] === 'exit') {
        exit(1);
    }
    shake($request, $response);
    if ($request->get['do'] === 'late') {
        exit(1);
    }
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->on('close', function ($server, $fd, $reactor) {
    if ($reactor === -1) {
        note('closed', $reactor);
    }
});
$server->start();
