<?php
/*
 * What was begun with write() is chunked, however fast end() follows; with a Content-Length of the script's it has that.
 *
 * a GET /
 * header Transfer-Encoding: chunked
 * body a
 * a GET /
 * header Transfer-Encoding: chunked
 * no header Content-Length
 * body a
 * a GET /
 * header Transfer-Encoding: chunked
 * body a
 * a GET /long
 * no header Transfer-Encoding
 * header Content-Length: 1
 * body a
 * a HEAD /
 * status 500
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->status(500, 'so it is');
    if ($request->server['path_info'] === '/long') {
        $response->header('Content-Length', '1');
    }
    $response->write('a');
    $response->end();
});
$server->start();
