<?php
/*
 * static_handler_locations: only paths below them are files; a miss there is 404.
 *
 * GET /files/a.txt
 * status 200
 * body a file
 * GET /files/none.txt
 * status 404
 * GET /a.txt
 * body from PHP
 */
require __DIR__ . '/conform.php';
@mkdir(__DIR__ . '/files');
is_file(__DIR__ . '/files/a.txt') || file_put_contents(__DIR__ . '/files/a.txt', 'a file');
is_file(__DIR__ . '/a.txt') || file_put_contents(__DIR__ . '/a.txt', 'no file');
$server = server(['enable_static_handler' => true, 'document_root' => __DIR__, 'static_handler_locations' => ['/files']]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end('from PHP');
});
$server->start();
