<?php
/*
 * http_compression_types: answers of other types are not compressed.
 *
 * a GET /text/css
 *   Accept-Encoding: gzip
 * header Content-Encoding: gzip
 * body times 100 x
 * a GET /text/plain
 *   Accept-Encoding: gzip
 * no header Content-Encoding
 * body times 100 x
 */
require __DIR__ . '/conform.php';
$server = server(['http_compression_types' => ['text/css', 'application/json']]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->header('Content-Type', substr($request->server['request_uri'], 1));
    $response->end(str_repeat('x', 100));
});
$server->start();
