<?php
/*
 * A kept connection serves one request after the other; HTTP/1.0 and Connection: close end it.
 *
 * a GET /1
 * body /1
 * header Connection: keep-alive
 * a GET /2
 * body /2
 * a GET /3
 *   Connection: close
 * body /3
 * header Connection: close
 * a< eof
 * b GET/1.0 /4
 * body /4
 * b< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end($r->server['request_uri']);
});
$server->start();
