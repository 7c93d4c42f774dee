<?php
/*
 * A message is pushed back, and a close is echoed.
 *
 * open a /
 * a> text hello
 * a< text Hello
 * a> close 1000 bye
 * a< close 1000 bye
 * a< eof
 * note close 1 true
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, ucfirst($frame->data));
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor >= 0);
});
$server->start();
