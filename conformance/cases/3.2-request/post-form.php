<?php
/*
 * A form is in post, its bytes in rawContent().
 *
 * POST /
 *   Content-Type: application/x-www-form-urlencoded
 *   | a=1&b[]=2&b[]=3
 * body [{"a":"1","b":["2","3"]},"a=1&b[]=2&b[]=3"]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode([$r->post, $r->rawContent()]));
});
$server->start();
