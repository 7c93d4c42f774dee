<?php
/*
 * Any Origin is taken.
 *
 * open a /
 *   Origin: https://somewhere.else
 * a> text x
 * a< text x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
