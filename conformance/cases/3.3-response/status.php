<?php
/*
 * status(): also codes that HTTP does not know, with a reason.
 *
 * a GET /404
 * status 404
 * a GET /299
 * status 299
 * a GET /201
 * status 201
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $code = (int) substr($r->server['request_uri'], 1);
    $code === 299 ? $response->status(299, 'Very Fine') : $response->setStatusCode($code);
    $response->end('x');
});
$server->start();
