<?php
/*
 * exists() is true for each open connection, also of HTTP; exist() is its old name. No warning, no error.
 *
 * open a /
 * tcp b
 * b GET /
 * status 200
 * a> text go
 * a< text [true,true,false,false,false,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('request', function ($request, $response) {
    $response->end('x');
});
answers($server, function ($server, $frame) {
    return [$server->exists(1), $server->exists(2), $server->exists(99), $server->exists(0), $server->exists(-1), $server->exist(1)];
});
$server->start();
