<?php
/*
 * Without a query there is no query_string, and get is null.
 *
 * GET /?
 * body [false,null]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode([isset($r->server['query_string']), $r->get]));
});
$server->start();
