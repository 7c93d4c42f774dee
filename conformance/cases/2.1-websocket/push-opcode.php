<?php
/*
 * An opcode over 10 warns, and gives false and 8505.
 *
 * open a /
 * a> text go
 * a< text false | the maximum value of opcode is 10 | 8505
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->push($frame->fd, 'x', 11);
});
$server->start();
