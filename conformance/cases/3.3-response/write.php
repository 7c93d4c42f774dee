<?php
/*
 * write() sends chunks; end() closes them.
 *
 * GET /
 * header Transfer-Encoding: chunked
 * no header Content-Length
 * body onetwo
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->write('one');
    $response->write('two');
    $response->end();
});
$server->start();
