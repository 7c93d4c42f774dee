<?php
/*
 * The fd of a kept HTTP connection is the fd of its WebSocket.
 *
 * a GET /
 * status 200
 * body 1
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 101
 * a> text x
 * a< text 1
 * note connect 1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('connect', function ($server, $fd) {
    note('connect', $fd);
});
$server->on('request', function ($request, $response) {
    $response->end((string) $request->fd);
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, (string) $frame->fd);
});
$server->start();
