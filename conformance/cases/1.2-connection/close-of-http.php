<?php
/*
 * A plain HTTP connection has its close, too.
 *
 * GET /
 * status 200
 * note request 1
 * note close 1 true 0
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('request', function ($request, $response) {
    note('request', $request->fd);
    $response->end('x');
});
$server->on('message', function () {
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor >= 0, $server->getClientInfo($fd)['websocket_status']);
});
$server->start();
