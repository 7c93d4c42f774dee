<?php
/*
 * Brotli comes before gzip for clients that take both.
 *
 * a GET /
 *   Accept-Encoding: gzip, deflate, br
 * header Content-Encoding: br
 * a GET /
 *   Accept-Encoding: gzip;q=1.0, *;q=0.5
 * header Content-Encoding: gzip
 * body times 300 x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(str_repeat('x', 300));
});
$server->start();
