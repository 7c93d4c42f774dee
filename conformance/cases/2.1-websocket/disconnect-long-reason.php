<?php
/*
 * A reason over 125 bytes is refused.
 *
 * open a /
 * a> text go
 * a< text ~ ^false
 * a> text go
 * a< text ~ ^false
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->disconnect($frame->fd, 1000, str_repeat('x', 126));
});
$server->start();
