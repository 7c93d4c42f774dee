<?php
/*
 * An answer of 20 bytes and more is compressed if the client takes it; smaller ones are not.
 *
 * a GET /long
 *   Accept-Encoding: gzip
 * header Content-Encoding: gzip
 * body times 30 x
 * a GET /short
 *   Accept-Encoding: gzip
 * no header Content-Encoding
 * body short
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end($r->server['request_uri'] === '/long' ? str_repeat('x', 30) : 'short');
});
$server->start();
