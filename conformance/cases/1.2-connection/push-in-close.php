<?php
/*
 * In close a push fails with 1004, without a warning.
 *
 * open a /
 * drop a
 * note false | 1004
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('close', function ($server, $fd) {
    note(tried(function () use ($server, $fd) {
        return $server->push($fd, 'x');
    }));
});
$server->start();
