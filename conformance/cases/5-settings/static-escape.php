<?php
/*
 * A path that leaves document_root goes to onRequest.
 *
 * tcp a
 * a> raw "GET /../conform.php HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
 * a< raw "HTTP/1.1 200 OK\r\n"
 * note request
 * GET /..%2fconform.php
 * body from PHP
 * note request
 */
require __DIR__ . '/conform.php';
@mkdir(__DIR__ . '/web');
$server = server(['enable_static_handler' => true, 'document_root' => __DIR__ . '/web']);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    note('request');
    $response->end('from PHP');
});
$server->start();
