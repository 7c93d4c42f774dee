<?php
/*
 * Exception.
 *
 * differs: an exception answers 500, and the server goes on
 * a GET /bad
 * status 500
 * GET /good
 * status 200
 * log went wrong
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    if ($r->server['request_uri'] === '/bad') {
        throw new RuntimeException('went wrong');
    }
    $response->end('good');
});
$server->start();
