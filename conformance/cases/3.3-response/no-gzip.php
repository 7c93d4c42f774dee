<?php
/*
 * http_compression false: nothing is compressed.
 *
 * GET /
 *   Accept-Encoding: gzip
 * no header Content-Encoding
 * body times 30 x
 */
require __DIR__ . '/conform.php';
$server = server(['http_compression' => false]);
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(str_repeat('x', 30));
});
$server->start();
