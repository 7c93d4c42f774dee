<?php
/*
 * Close with a bad code.
 *
 * differs: close codes that may not be sent are answered with 1002; Swoole echoes them
 * open a /
 * a> close 999
 * a< close 1002 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->start();
