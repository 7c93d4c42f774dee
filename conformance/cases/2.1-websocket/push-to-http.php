<?php
/*
 * A connection that is no WebSocket cannot be pushed to.
 *
 * open a /
 * tcp b
 * b GET /
 * status 200
 * a> text go
 * a< text false | the connected client of connection[2] is not a websocket client or closed | 503
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('request', function ($request, $response) {
    $response->end('x');
});
answers($server, function ($server) {
    return $server->push(2, 'x');
});
$server->start();
