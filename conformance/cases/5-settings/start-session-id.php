<?php
/*
 * start_session_id shifts the first fd.
 *
 * open a /
 * a> text go
 * a< text 1001
 */
require __DIR__ . '/conform.php';
$server = server(['start_session_id' => 1000]);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, (string) $frame->fd);
});
$server->start();
