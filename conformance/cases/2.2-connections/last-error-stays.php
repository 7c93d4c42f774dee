<?php
/*
 * getLastError() is the last error, and a call that works does not reset it.
 *
 * open a /
 * a> text go
 * a< text [false,true,1005,1005] | 1005
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return [$server->close(99), $server->exists($frame->fd), $server->getLastError(), swoole_last_error()];
});
$server->start();
