<?php
/*
 * What a callback pushes leaves before it sleeps, also in a coroutine of its own.
 *
 * mode resident
 * open a /
 * a> text go
 * a< text before
 * a< text ~ ^late by [0-9] s$
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    go(function () use ($server, $frame) {
        $server->push($frame->fd, 'before');
        $time = time();
        Co::sleep(1);
        $server->push($frame->fd, 'late by ' . (time() - $time) . ' s');
    });
    Co::sleep(0.5);
});
$server->start();
