<?php
/*
 * A form is parsed for PUT, too.
 *
 * PUT /
 *   Content-Type: application/x-www-form-urlencoded
 *   | a=1
 * body ["PUT",{"a":"1"}]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode([$r->getMethod(), $r->post]));
});
$server->start();
