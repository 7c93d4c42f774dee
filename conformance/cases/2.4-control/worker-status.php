<?php
/*
 * A worker that asks for its own status is idle (2) in workerStart, and busy (1) in a callback of an event.
 *
 * GET /
 * body [2,2,1,1,1]
 */
require __DIR__ . '/conform.php';
$server = server();
$started = [];
$server->on('workerStart', function ($server, $worker) use (&$started) {
    $started = [$server->getWorkerStatus(), $server->getWorkerStatus($worker)];
});
$server->on('message', function () {
});
$server->on('request', function ($request, $response) use ($server, &$started) {
    $now = [$server->getWorkerStatus(), $server->getWorkerStatus(-1), $server->getWorkerStatus($server->worker_id)];
    $response->end(json_encode(array_merge($started, $now)));
});
$server->start();
