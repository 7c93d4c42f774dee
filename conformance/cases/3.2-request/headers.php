<?php
/*
 * Header names are in lower case, values trimmed; cookies are not among them.
 *
 * GET /
 *   X-CuStom:   spaced out
 *   Cookie: a=1
 * body {"host":"localhost","x-custom":"spaced out"}
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode($r->header));
});
$server->start();
