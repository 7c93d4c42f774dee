<?php
/*
 * A pong is not delivered.
 *
 * open a /
 * a> pong hello
 * a> text x
 * a< text 10 x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, '10 ' . $frame->data);
});
$server->start();
