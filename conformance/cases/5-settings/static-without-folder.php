<?php
/*
 * A document_root that is not there: the script is served without files.
 *
 * GET /page.txt
 * body from PHP
 * log document_root
 */
require __DIR__ . '/conform.php';
$server = server(['enable_static_handler' => true, 'document_root' => __DIR__ . '/none']);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end('from PHP');
});
$server->start();
