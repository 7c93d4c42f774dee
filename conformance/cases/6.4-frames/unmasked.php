<?php
/*
 * Unmasked.
 *
 * differs: an unmasked frame of a client is a protocol error, 1002
 * open a /
 * a> unmasked 81 hi
 * a< close 1002 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'never');
});
$server->start();
