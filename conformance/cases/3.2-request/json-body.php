<?php
/*
 * JSON is left to getContent().
 *
 * POST /
 *   Content-Type: application/json
 *   | "{\"a\":[1,2]}"
 * body [null,"{\"a\":[1,2]}","{\"a\":[1,2]}"]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode([$r->post, $r->getContent(), $r->rawContent()]));
});
$server->start();
