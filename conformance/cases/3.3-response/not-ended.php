<?php
/*
 * A response that is not ended is a 500 without body; or the status that was set.
 *
 * a GET /
 * status 500
 * body ""
 * a GET /404
 * status 404
 * body ""
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    if ($r->server['request_uri'] === '/404') {
        $response->status(404);
    }
});
$server->start();
