<?php
/*
 * A header that comes twice is an array; of user-agent and its kin the last counts.
 *
 * GET /
 *   X-Many: 1
 *   X-Many: 2
 *   User-Agent: one
 *   User-Agent: two
 * body [["1","2"],"two"]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode([$r->header['x-many'], $r->header['user-agent']]));
});
$server->start();
