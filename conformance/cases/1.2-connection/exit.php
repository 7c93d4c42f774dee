<?php
/*
 * Exit.
 *
 * differs: exit ends the event only; what it pushed before is sent
 * open a /
 * open b /
 * a> text go
 * a< text before
 * b> text x
 * b< text before
 * log the callback message, which begins here, called exit
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'before');
    exit(1);
});
$server->start();
