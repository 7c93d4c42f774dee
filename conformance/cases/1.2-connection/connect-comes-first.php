<?php
/*
 * connect comes once a TCP connection, before anything was said; an upgrade and requests do not repeat it.
 *
 * tcp a
 * note connect 1 true
 * a GET /
 * status 200
 * note request 1
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 101
 * note open 1
 * a> text x
 * note message 1
 * a> close 1000
 * note close 1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('connect', function ($server, $fd, $reactor) {
    note('connect', $fd, $reactor >= 0);
});
$server->on('request', function ($request, $response) {
    note('request', $request->fd);
    $response->end('x');
});
$server->on('open', function ($server, $request) {
    note('open', $request->fd);
});
$server->on('message', function ($server, $frame) {
    note('message', $frame->fd);
});
$server->on('close', function ($server, $fd) {
    note('close', $fd);
});
$server->start();
