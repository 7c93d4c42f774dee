<?php
/*
 * A port with settings of its own has its own control frames, subprotocol and compression of pages.
 *
 * ports 2
 * open a /
 * no header Sec-WebSocket-Protocol
 * a> ping p
 * a< text "9 p"
 * open b:2 /
 * header Sec-WebSocket-Protocol: two
 * b> ping p
 * b< pong p
 * b> pong q
 * b< text "10 q"
 * c GET /
 *   Accept-Encoding: gzip
 * header Content-Encoding: gzip
 * d:2 GET /
 *   Accept-Encoding: gzip
 * no header Content-Encoding
 * body times 100 x
 */
require __DIR__ . '/conform.php';
$server = server(['open_websocket_ping_frame' => true]);
$message = function ($server, $frame) {
    $server->push($frame->fd, $frame->opcode . ' ' . $frame->data);
};
$server->on('message', $message);
$server->on('request', function ($request, $response) {
    $response->end(str_repeat('x', 100));
});
$port = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
$port->set(['open_websocket_protocol' => true, 'open_http_protocol' => true, 'open_websocket_pong_frame' => true,
    'websocket_subprotocol' => 'two', 'http_compression' => false]);
$server->start();
