<?php
/*
 * Each form of length is read and written.
 *
 * open a /
 * a> text times 125 x
 * a< text times 125 x
 * a> text times 126 x
 * a< text times 126 x
 * a> text times 65535 x
 * a< text times 65535 x
 * a> binary times 65536 x
 * a< binary times 65536 x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data, $frame->opcode);
});
$server->start();
