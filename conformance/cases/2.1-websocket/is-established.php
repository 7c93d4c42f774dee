<?php
/*
 * isEstablished() is true for WebSockets only, without warnings.
 *
 * open a /
 * tcp b
 * b GET /
 * status 200
 * a> text go
 * a< text [true,false,false,false,false]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('request', function ($request, $response) {
    $response->end('x');
});
answers($server, function ($server, $frame) {
    return [$server->isEstablished(1), $server->isEstablished(2), $server->isEstablished(99), $server->isEstablished(0), $server->isEstablished(-1)];
});
$server->start();
