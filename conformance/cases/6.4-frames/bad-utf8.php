<?php
/*
 * Bad utf8.
 *
 * differs: text that is no UTF-8 ends the connection with 1007
 * open a /
 * a> text "\xff\xfe"
 * a< close 1007 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'never');
});
$server->start();
