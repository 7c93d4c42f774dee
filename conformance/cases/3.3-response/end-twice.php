<?php
/*
 * end() twice: false, and 7106.
 *
 * GET /
 * body x
 * note true
 * note false | 7106
 * note false
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    for ($i = 0; $i < 2; $i++) {
        note(tried(function () use ($response) {
            return $response->end('x');
        }));
    }
    note($response->isWritable());
});
$server->start();
