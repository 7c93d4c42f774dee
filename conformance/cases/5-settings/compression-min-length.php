<?php
/*
 * http_compression_min_length: shorter answers are not compressed.
 *
 * a GET /100
 *   Accept-Encoding: gzip
 * header Content-Encoding: gzip
 * body times 100 x
 * a GET /99
 *   Accept-Encoding: gzip
 * no header Content-Encoding
 * body times 99 x
 */
require __DIR__ . '/conform.php';
$server = server(['http_compression_min_length' => 100]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end(str_repeat('x', (int) substr($request->server['request_uri'], 1)));
});
$server->start();
