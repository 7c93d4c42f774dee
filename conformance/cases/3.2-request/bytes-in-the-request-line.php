<?php
/*
 * A request line that is not ASCII is refused with 400; encoded it is served.
 *
 * tcp a
 * a> raw "GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"
 * a< raw "HTTP/1.1 400 Bad Request"
 * tcp b
 * b> raw "GET /?q=\xe4 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
 * b< raw "HTTP/1.1 400 Bad Request"
 * c GET /caf%C3%A9+au%20lait
 * body ["/caf%C3%A9+au%20lait","/café au lait"]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $said = [$request->server['request_uri'], $request->server['path_info']];
    $response->end(json_encode($said, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE));
});
$server->start();
