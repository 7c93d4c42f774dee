<?php
/*
 * onBeforeHandshakeResponse runs with status 3, before the 101; its status() and return value do not count.
 *
 * open a /
 * header X-Tag: t
 * a< text opened
 * note before 1 3 true
 * note open 1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('beforeHandshakeResponse', function ($server, $request, $response) {
    note('before', $request->fd, $server->getClientInfo($request->fd)['websocket_status'], $server->isEstablished($request->fd));
    $response->header('x-tag', 't');
    $response->status(403);
    return false;
});
$server->on('open', function ($server, $request) {
    note('open', $request->fd);
    $server->push($request->fd, 'opened');
});
$server->on('message', function () {
});
$server->start();
