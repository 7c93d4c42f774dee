<?php
/*
 * HEAD has the headers, and no body.
 *
 * HEAD /
 * status 200
 * body ""
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end('hello');
});
$server->start();
