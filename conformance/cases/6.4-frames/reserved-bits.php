<?php
/*
 * Reserved bits.
 *
 * differs: RSV2 and RSV3 are a protocol error, 1002
 * open a /
 * a> frame a1 hi
 * a< close 1002 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'never');
});
$server->start();
