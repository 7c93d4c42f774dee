<?php
/*
 * A cookie's name with illegal characters is refused.
 *
 * GET /
 * no header Set-Cookie
 * body ~ ^false \| The name cannot contain .* \| 503$
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $said = tried(function () use ($response) {
        return $response->cookie("a=b", 'x');
    });
    $response->end($said);
});
$server->start();
