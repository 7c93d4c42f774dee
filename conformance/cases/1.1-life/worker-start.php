<?php
/*
 * workerStart runs before the events of its worker, with its id.
 *
 * open a /
 * a> text x
 * a< text started in 0
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStart', function ($server, $id) {
    $server->started = "started in $id";
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $server->started);
});
$server->start();
