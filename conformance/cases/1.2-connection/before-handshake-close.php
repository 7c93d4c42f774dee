<?php
/*
 * close() in onBeforeHandshakeResponse aborts: the client sees the end, close comes, open does not.
 *
 * tcp a
 * a> raw "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
 * a< eof
 * note before
 * note close 1 -1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('beforeHandshakeResponse', function ($server, $request, $response) {
    note('before');
    $server->close($request->fd);
});
$server->on('open', function () {
    note('open');
});
$server->on('message', function () {
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor);
});
$server->start();
