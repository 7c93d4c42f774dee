<?php
/*
 * header(): names become Title-Case, arrays several lines, null removes; user headers come first.
 *
 * GET /
 * header X-One: 1
 * header X-Many: a || b
 * no header X-Gone
 * header Content-Type: application/json
 * order X-One, X-Many, X-Many, Content-Type, raw-NAME, Server, Date, Connection, Content-Length
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->header('x-one', '1');
    $response->setHeader('X-many', ['a', null, 'b']);
    $response->header('X-Gone', 'x');
    $response->header('X-Gone', null);
    $response->header('content-type', 'application/json');
    $response->header('raw-NAME', 'x', false);
    $response->end('{}');
});
$server->start();
