<?php
/*
 * open_websocket_protocol false makes a port of HTTP only; both false one of TCP.
 *
 * ports 3
 * a:2 GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 200
 * body second
 * tcp c:3
 * c> raw "hello"
 * c< raw "got hello"
 * open d /
 * d> text x
 * d< text main x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, "main $frame->data");
});
$http = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
$http->set(['open_websocket_protocol' => false]);
$http->on('request', function ($request, $response) {
    $response->end('second');
});
$tcp = $server->listen('127.0.0.1', 9503, SWOOLE_SOCK_TCP);
$tcp->set(['open_websocket_protocol' => false, 'open_http_protocol' => false]);
$tcp->on('receive', function ($server, $fd, $reactor, $data) {
    $server->send($fd, "got $data");
});
$server->start();
