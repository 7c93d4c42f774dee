<?php
/*
 * http_parse_post false: the body is left alone.
 *
 * POST /
 *   Content-Type: application/x-www-form-urlencoded
 *   | a=1
 * body [null,"a=1"]
 */
require __DIR__ . '/conform.php';
$server = server(['http_parse_post' => false]);
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode([$r->post, $r->rawContent()]));
});
$server->start();
