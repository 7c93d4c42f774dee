<?php
/*
 * end() without a body.
 *
 * GET /
 * status 200
 * header Content-Length: 0
 * body ""
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end();
});
$server->start();
