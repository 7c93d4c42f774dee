<?php
/*
 * A line end in a header is refused with a warning.
 *
 * GET /
 * body ~ ^false \| .*
 * no header X-Injected
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $said = tried(function () use ($response) {
        return $response->header('X-One', "a\r\nX-Injected: 1");
    });
    $response->end($said);
});
$server->start();
