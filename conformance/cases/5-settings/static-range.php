<?php
/*
 * The static handler answers ranges and HEAD.
 *
 * GET /page.txt
 *   Range: bytes=0-3
 * status 206
 * body from
 * HEAD /page.txt
 * status 200
 * header Content-Length: 11
 * body ""
 * GET /page.txt
 *   Range: bytes=50-
 * status 416
 */
require __DIR__ . '/conform.php';
is_file(__DIR__ . '/page.txt') || file_put_contents(__DIR__ . '/page.txt', 'from a file');
$server = server(['enable_static_handler' => true, 'document_root' => __DIR__]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end('from PHP');
});
$server->start();
