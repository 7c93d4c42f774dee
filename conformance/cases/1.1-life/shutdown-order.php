<?php
/*
 * At shutdown come beforeShutdown, managerStop, shutdown in that order.
 *
 * GET /
 * status 200
 * stop
 * note beforeShutdown
 * note managerStop
 * note shutdown
 */
require __DIR__ . '/conform.php';
$server = server();
foreach (['beforeShutdown', 'managerStop', 'shutdown'] as $name) {
    $server->on($name, function () use ($name) {
        note($name);
    });
}
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end('x');
});
$server->start();
