<?php
/*
 * A ping is answered with its payload, and not delivered.
 *
 * open a /
 * a> ping hello
 * a< pong hello
 * a> ping
 * a< pong ""
 * a> text x
 * a< text x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
