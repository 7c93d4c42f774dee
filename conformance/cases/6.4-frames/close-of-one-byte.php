<?php
/*
 * Close of one byte.
 *
 * differs: a close frame of one byte is answered with 1002; Swoole echoes it
 * open a /
 * a> frame 88 x
 * a< close 1002 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->start();
