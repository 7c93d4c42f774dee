<?php
/*
 * What go() started goes on behind its event, also when the connection is gone.
 *
 * mode resident
 * open a /
 * a> text go
 * a< text started
 * drop a
 * note still here
 * note push false
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    go(function () use ($server, $frame) {
        Co::sleep(0.2);
        note('still here');
        note('push', @$server->push($frame->fd, 'x'));
    });
    $server->push($frame->fd, 'started');
});
$server->start();
