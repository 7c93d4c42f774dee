<?php
/*
 * Cookies are parsed as PHP does it: decoded, dots become underscores, brackets arrays, the first of a name wins.
 *
 * GET /
 *   Cookie: a=1; b.c=x%20y; l[k]=v; a=2; e=
 * body {"a":"1","b_c":"x y","l":{"k":"v"},"e":""}
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode($r->cookie));
});
$server->start();
