<?php
/*
 * close() ends the line without a close frame, behind what was pushed.
 *
 * open a /
 * a> text go
 * a< text last words
 * a< eof
 * note true
 * note close -1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'last words');
    note($server->close($frame->fd));
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $reactor);
});
$server->start();
