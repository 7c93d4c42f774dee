<?php
/*
 * Exception.
 *
 * differs: an exception in a callback is logged and takes no worker and no other connection down
 * open a /
 * open b /
 * a> text throw
 * log thrown on purpose
 * b> text x
 * b< text x
 * a> text still here
 * a< text still here
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'throw') {
        throw new RuntimeException('thrown on purpose');
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
