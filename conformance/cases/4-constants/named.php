<?php
/*
 * A constant without a prefix of Swoole is there, too, for a script that names it and nothing else.
 *
 * open a /
 * a> text go
 * a< text 2
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, FILE_LOCK);
});
$server->start();
