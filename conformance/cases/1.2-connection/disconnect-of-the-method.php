<?php
/*
 * A connection that $server->disconnect() ended is a disconnect event.
 *
 * open a /
 * a> text go
 * a< close 1000
 * a< eof
 * note disconnect 1 -1
 * open b /
 * b> close 1000
 * b< close 1000
 * note close 2
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->disconnect($frame->fd);
});
$server->on('disconnect', function ($server, $fd, $reactor) {
    note('disconnect', $fd, $reactor);
});
$server->on('close', function ($server, $fd) {
    note('close', $fd);
});
$server->start();
