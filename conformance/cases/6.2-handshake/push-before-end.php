<?php
/*
 * What onHandshake pushes before and after end().
 *
 * differs: it follows the 101; in Swoole what was pushed before stands in front of it, which no client understands
 * open a /
 * a< text early
 * a< text late
 * a> text hi
 * a< text hi
 * note true false 2
 * note true
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('handshake', function ($request, $response) use ($server) {
    $key = $request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
    $response->header('Upgrade', 'websocket');
    $response->header('Connection', 'Upgrade');
    $response->header('Sec-WebSocket-Accept', base64_encode(sha1($key, true)));
    $response->status(101);
    $pushed = $server->push($request->fd, 'early');
    note($pushed, $server->isEstablished($request->fd), $server->getClientInfo($request->fd)['websocket_status']);
    $response->end();
    note($server->push($request->fd, 'late'));
    return false;
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
