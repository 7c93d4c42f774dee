<?php
/*
 * A socket that says nothing has its connect and its close.
 *
 * tcp a
 * note connect 1
 * drop a
 * note close 1 true
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('connect', function ($server, $fd) {
    note('connect', $fd);
});
$server->on('message', function () {
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor >= 0);
});
$server->start();
