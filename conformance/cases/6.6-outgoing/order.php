<?php
/*
 * The order of pushes is kept.
 *
 * open a /
 * a> text go
 * a< text 0
 * a< text 1
 * a< text 2
 * a< text 3
 * a< text 4
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    for ($i = 0; $i < 5; $i++) {
        $server->push($frame->fd, (string) $i);
    }
});
$server->start();
