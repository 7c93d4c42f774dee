<?php
/*
 * What an onHandshake defers can push: the usual place for the work of open.
 *
 * open a /
 * a< text welcome
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('handshake', function ($request, $response) use ($server) {
    $response->header('Upgrade', 'websocket');
    $response->header('Connection', 'Upgrade');
    $response->header('Sec-WebSocket-Accept', base64_encode(sha1($request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true)));
    $response->status(101);
    $response->end();
    $fd = $request->fd;
    Swoole\Event::defer(function () use ($server, $fd) {
        $server->push($fd, 'welcome');
    });
});
$server->on('message', function () {
});
$server->start();
