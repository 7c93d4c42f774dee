<?php
/*
 * bind() is true once; the uid shows in getClientInfo().
 *
 * open a /
 * a> text go
 * a< text [true,false,false,42]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return [$server->bind($frame->fd, 42), $server->bind($frame->fd, 43), $server->bind(99, 1), $server->getClientInfo($frame->fd)['uid']];
});
$server->start();
