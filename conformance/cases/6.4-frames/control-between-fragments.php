<?php
/*
 * A ping between fragments is answered at once.
 *
 * open a /
 * a> frame 01 "one "
 * a> ping now
 * a< pong now
 * a> frame 80 "two"
 * a< text one two
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
