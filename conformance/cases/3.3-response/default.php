<?php
/*
 * The default answer: its headers and their order.
 *
 * GET /
 * status 200
 * header Server: swoole-http-server
 * header Connection: keep-alive
 * header Content-Type: text/html
 * header Content-Length: 5
 * order Server, Date, Connection, Content-Type, Content-Length
 * body hello
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end('hello');
});
$server->start();
