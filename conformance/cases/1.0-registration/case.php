<?php
/*
 * Names of events are taken in any case.
 *
 * open a /
 * a> text x
 * a< text x
 * note open
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('OPEN', function () {
    note('open');
});
$server->on('mEssage', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
