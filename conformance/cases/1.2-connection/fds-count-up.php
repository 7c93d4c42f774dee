<?php
/*
 * Each TCP connection takes the next fd, whatever it is for.
 *
 * GET /
 * body 1
 * tcp a
 * note connect 1
 * note connect 2
 * GET /
 * body 3
 * note connect 3
 * open b /
 * b< text 4
 * note connect 4
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('connect', function ($server, $fd) {
    note('connect', $fd);
});
$server->on('request', function ($request, $response) {
    $response->end((string) $request->fd);
});
$server->on('open', function ($server, $request) {
    $server->push($request->fd, (string) $request->fd);
});
$server->on('message', function () {
});
$server->start();
