<?php
/*
 * Another status refuses: its line, the script's headers and the body go out, and nothing of the body's length; then the line ends.
 *
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 403
 * order X-Why, Server, Date
 * body go away
 * a< eof
 * note close 1 -1 5
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('handshake', function ($request, $response) {
    $response->status(403);
    $response->header('X-Why', 'no');
    $response->end('go away');
    return true;
});
$server->on('open', function () {
    note('open');
});
$server->on('message', function () {
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor, $server->getClientInfo($fd)['websocket_status']);
});
$server->start();
