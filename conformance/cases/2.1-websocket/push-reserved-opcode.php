<?php
/*
 * Opcodes 3 to 7 are sent as they are.
 *
 * open a /
 * a> text go
 * a< frame 83 x
 * a< text true
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->push($frame->fd, 'x', 3);
});
$server->start();
