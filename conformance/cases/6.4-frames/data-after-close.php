<?php
/*
 * What follows a close frame is ignored.
 *
 * open a /
 * a> close 1000
 * a> text late
 * a< close 1000
 * a< eof
 * note close
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    note('message');
});
$server->on('close', function () {
    note('close');
});
$server->start();
