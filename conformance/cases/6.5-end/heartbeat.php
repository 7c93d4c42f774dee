<?php
/*
 * An idle connection is ended without a close frame; its reactor shows in the close event.
 *
 * open a /
 * open b /
 * wait 700ms
 * a> text x
 * a< text x
 * b< eof
 * note close 2 true
 */
require __DIR__ . '/conform.php';
$server = server(['heartbeat_check_interval' => 1, 'heartbeat_idle_time' => 1]);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor >= 0);
});
$server->start();
