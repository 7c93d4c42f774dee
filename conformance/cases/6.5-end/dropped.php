<?php
/*
 * A client that just goes is a close with a reactor.
 *
 * open a /
 * a> text x
 * a< text x
 * drop a
 * note close 1 true
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor >= 0);
});
$server->start();
