<?php
/*
 * The query is parsed as PHP does it.
 *
 * GET /?a=1&b[]=x&b[]=y&c.d=z&e[f][g]=h&plus=a+b
 * body {"a":"1","b":["x","y"],"c_d":"z","e":{"f":{"g":"h"}},"plus":"a b"}
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode($r->get));
});
$server->start();
