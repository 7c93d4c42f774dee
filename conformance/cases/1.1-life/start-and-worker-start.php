<?php
/*
 * managerStart, start and workerStart come before the first event; the server knows its processes then.
 *
 * open a /
 * a> text x
 * a< text [true,true,true,0,false]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, json_encode([
        $server->master_pid > 0, $server->manager_pid > 0, $server->worker_pid > 0, $server->worker_id, $server->taskworker,
    ]));
});
$server->start();
