<?php
/*
 * A body over package_max_length is answered with 413.
 *
 * POST /
 *   Content-Length: 100000
 * status 413
 */
require __DIR__ . '/conform.php';
$server = server(['package_max_length' => 65536]);
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end('never');
});
$server->start();
