<?php
/*
 * Data between fragments.
 *
 * differs: a whole message between fragments is a protocol error, 1002
 * open a /
 * a> frame 01 "one "
 * a> text whole
 * a< close 1002 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'never');
});
$server->start();
