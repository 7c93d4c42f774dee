<?php
/*
 * end() in onBeforeHandshakeResponse.
 *
 * differs: nothing is sent in front of the 101
 * open a /
 * order Upgrade, Connection, Sec-WebSocket-Accept, Sec-WebSocket-Version, Server, Date
 * note ended
 * a> text hi
 * a< text hi
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('beforeHandshakeResponse', function ($server, $request, $response) {
    @$response->end('extra');
    note('ended');
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
