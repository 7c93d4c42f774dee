<?php
/*
 * Too large.
 *
 * differs: a message over package_max_length ends with 1009; Swoole only cuts the line
 * open a /
 * a> text times 65000 x
 * a< text 65000
 * a> text times 66000 x
 * a< close 1009 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server(['package_max_length' => 65536]);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, (string) strlen($frame->data));
});
$server->start();
