<?php
/*
 * Shutdown.
 *
 * differs: a close frame says that the server goes, and onClose comes for open connections; Swoole drops them without
 * open a /
 * a> text x
 * a< text x
 * stop
 * a< close 1001 ~ .*
 * a< eof
 * note close 1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->on('close', function ($server, $fd) {
    note('close', $fd);
});
$server->start();
