<?php
/*
 * close comes once, also when server and client close at the same time.
 *
 * open a /
 * a> text go
 * a> close 1000
 * note close 1
 * wait 50ms
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->disconnect($frame->fd);
    $server->close($frame->fd);
});
$server->on('close', function ($server, $fd) {
    note('close', $fd);
});
$server->start();
