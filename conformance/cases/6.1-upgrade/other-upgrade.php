<?php
/*
 * Another Upgrade header makes no WebSocket: the request goes to onRequest.
 *
 * GET /page
 *   Upgrade: h2c
 *   Connection: Upgrade
 * status 200
 * body page
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end('page');
});
$server->start();
