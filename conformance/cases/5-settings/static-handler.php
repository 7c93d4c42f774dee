<?php
/*
 * enable_static_handler serves files of document_root before PHP; what is not there goes to onRequest.
 *
 * GET /page.txt
 * status 200
 * header Content-Type: ~ ^text/plain
 * header Server: swoole-http-server
 * header Last-Modified: ~ GMT$
 * body from a file
 * GET /none.txt
 * status 404
 * body from PHP
 */
require __DIR__ . '/conform.php';
is_file(__DIR__ . '/page.txt') || file_put_contents(__DIR__ . '/page.txt', 'from a file');
$server = server(['enable_static_handler' => true, 'document_root' => __DIR__]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->status(404);
    $response->end('from PHP');
});
$server->start();
