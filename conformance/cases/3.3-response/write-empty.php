<?php
/*
 * write('') warns, and is false and 550.
 *
 * GET /
 * body ~ ^false \| .* \| 550$
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(tried(function () use ($response) {
        return $response->write('');
    }));
});
$server->start();
