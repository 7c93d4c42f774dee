<?php
/*
 * A second callback for an event takes the place of the first.
 *
 * open a /
 * a> text x
 * a< text second
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'first');
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'second');
});
$server->start();
