<?php
/*
 * http_autoindex: a folder without an index is a page of links.
 *
 * GET /
 * status 200
 * header Content-Type: ~ text/html
 * body ~ (?s)Index of /.*href="./conform.php"
 * GET /nothing
 * body from PHP
 */
require __DIR__ . '/conform.php';
$server = server(['enable_static_handler' => true, 'document_root' => __DIR__, 'http_autoindex' => true]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end('from PHP');
});
$server->start();
