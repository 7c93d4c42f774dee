<?php
/*
 * Each callback is a coroutine: while one sleeps the next one of the same connection starts.
 *
 * mode resident
 * open a /
 * a> text slow
 * a> text fast
 * a< text fast
 * a< text slow
 * a> text ids
 * a< text [true,-1,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('open', function () {
    Co::sleep(0.05); // a message does not wait for it
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'slow') {
        Co::sleep(0.2);
    }
    if ($frame->data === 'ids') {
        $inner = 0;
        go(function () use (&$inner) {
            $inner = Co::getPcid();
        });
        $server->push($frame->fd, json_encode([Co::getCid() > 0, Co::getPcid(), $inner === Co::getCid()]));
        return;
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
