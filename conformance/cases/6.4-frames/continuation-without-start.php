<?php
/*
 * Continuation without start.
 *
 * differs: the end comes with a close frame 1002; Swoole only cuts the line
 * open a /
 * a> frame 80 "two"
 * a< close 1002 ~ .*
 * a< eof
 * note close 1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'never');
});
$server->on('close', function ($server, $fd) {
    note('close', $fd);
});
$server->start();
