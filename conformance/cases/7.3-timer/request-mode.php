<?php
/*
 * Request mode.
 *
 * mode request
 * differs: a timer needs a process that stays: in workerStart tick() gives false and is left out, with a line in the log
 * log tick
 * open a /
 * a> text go
 * a< text false
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStart', function ($server) {
    $server->timer = Swoole\Timer::tick(1000, function () {
    });
});
answers($server, function ($server) {
    return $server->timer;
});
$server->start();
