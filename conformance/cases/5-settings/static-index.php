<?php
/*
 * http_index_files: the index of a folder.
 *
 * GET /
 * status 200
 * body the index
 */
require __DIR__ . '/conform.php';
is_file(__DIR__ . '/index.html') || file_put_contents(__DIR__ . '/index.html', 'the index');
$server = server(['enable_static_handler' => true, 'document_root' => __DIR__, 'http_index_files' => ['index.html']]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end('from PHP');
});
$server->start();
