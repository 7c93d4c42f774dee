<?php
/*
 * Without a body rawContent() is ''.
 *
 * GET /
 * body ["","GET",true]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode([$r->rawContent(), $r->getMethod(), $r->isCompleted()]));
});
$server->start();
