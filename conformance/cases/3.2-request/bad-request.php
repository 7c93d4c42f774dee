<?php
/*
 * What is no HTTP is answered with 400, and the line ends.
 *
 * tcp a
 * a> raw "what is this\r\n\r\n"
 * a< raw "HTTP/1.1 400 Bad Request"
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end('never');
});
$server->start();
