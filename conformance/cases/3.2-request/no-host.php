<?php
/*
 * No host.
 *
 * differs: a request of HTTP/1.1 without Host is refused with 400, as RFC 9112 3.2 has it
 * a GET /
 *   -Host
 * status 400
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end('never');
});
$server->start();
