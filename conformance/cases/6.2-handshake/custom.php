<?php
/*
 * onHandshake makes its own 101: no open comes, messages do, and its header names are in Title-Case.
 *
 * open a /
 * header Sec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
 * header X-Mine: 1
 * header Server: swoole-http-server
 * order Upgrade, Connection, Sec-Websocket-Accept, X-Mine, Server, Date
 * a> text hi
 * a< text hi 3
 * note handshake 1 2 false
 * note message
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('handshake', function ($request, $response) use ($server) {
    note('handshake', $request->fd, $server->getClientInfo($request->fd)['websocket_status'], $server->isEstablished($request->fd));
    $key = base64_encode(sha1($request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
    $response->header('upgrade', 'websocket');
    $response->header('connection', 'Upgrade');
    $response->header('sec-websocket-accept', $key);
    $response->header('x-mine', '1');
    $response->status(101);
    $response->end();
    return false;
});
$server->on('open', function () {
    note('open');
});
$server->on('message', function ($server, $frame) {
    note('message');
    $server->push($frame->fd, $frame->data . ' ' . $server->getClientInfo($frame->fd)['websocket_status']);
});
$server->start();
