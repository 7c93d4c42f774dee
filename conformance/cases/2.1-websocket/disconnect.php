<?php
/*
 * disconnect() is true, sends the code given, and 1000 without one.
 *
 * open a /
 * open b /
 * a> text go
 * b< close 1000
 * b< eof
 * a< close 4001 why
 * a< eof
 * note [true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    note([$server->disconnect(2), $server->disconnect($frame->fd, 4001, 'why')]);
});
$server->start();
