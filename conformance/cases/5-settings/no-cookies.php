<?php
/*
 * http_parse_cookie false: there is no cookie array, and the header stays.
 *
 * GET /
 *   Cookie: a=1
 * body [null,"a=1"]
 */
require __DIR__ . '/conform.php';
$server = server(['http_parse_cookie' => false]);
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode([$r->cookie, $r->header['cookie'] ?? null]));
});
$server->start();
