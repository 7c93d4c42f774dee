<?php
/*
 * disconnect takes the place of close for what never was a WebSocket, and only for that.
 *
 * GET /
 * status 200
 * note disconnect 1
 * tcp b
 * drop b
 * note disconnect 2
 * open c /
 * drop c
 * note close 3
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('request', function ($request, $response) {
    $response->end('x');
});
$server->on('message', function () {
});
$server->on('disconnect', function ($server, $fd) {
    note('disconnect', $fd);
});
$server->on('close', function ($server, $fd) {
    note('close', $fd);
});
$server->start();
