<?php
/*
 * start comes once, with worker_id -1.
 *
 * open a /
 * open b /
 * note start -1
 * a> text x
 * a< text x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('start', function ($server) {
    note('start', $server->worker_id);
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
