<?php
/*
 * exit or an exception in a callback of the server's life: the log names it, the others are called, clients are served.
 *
 * differs: they run one after the other in one PHP run, not in processes of their own; nothing ends but that run
 * note manager
 * note start
 * log the callback managerstart, which begins here, called exit
 * open a /
 * a> text hello
 * a< text hello
 * drop a
 * stop
 * note before
 * note manager stops
 * note shutdown
 * log the callback beforeshutdown, which begins here, called exit
 * log RuntimeException: thrown in managerStop
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('managerStart', function () {
    note('manager');
    exit(3);
});
$server->on('start', function () {
    note('start');
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->on('beforeShutdown', function () {
    note('before');
    exit(4);
});
$server->on('managerStop', function () {
    note('manager stops');
    throw new RuntimeException('thrown in managerStop');
});
$server->on('shutdown', function () {
    note('shutdown');
});
$server->start();
