<?php
/*
 * Length with top bit.
 *
 * differs: a length over 2^63 is a protocol error, 1002
 * open a /
 * a> raw "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00x"
 * a< close 1002 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'never');
});
$server->start();
