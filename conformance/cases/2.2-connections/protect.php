<?php
/*
 * protect() exempts from the heartbeat; an unknown fd is false without a warning.
 *
 * open a /
 * open b /
 * a> text go
 * a< text [true,false]
 * b< eof
 * a> text still
 * a< text [true,false]
 */
require __DIR__ . '/conform.php';
$server = server(['heartbeat_check_interval' => 1, 'heartbeat_idle_time' => 1]);
answers($server, function ($server, $frame) {
    return [$server->protect($frame->fd), $server->protect(99)];
});
$server->start();
