<?php
/*
 * A worker that is about to end waits for its coroutines: what they push before they wait leaves.
 *
 * mode resident
 * open a /
 * a> text stop
 * a< text 1
 * a< text 3
 * a< text 2
 * note over
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStop', function () {
    note('over');
});
$server->on('message', function ($server, $frame) {
    go(function () use ($server, $frame) {
        Co::sleep(0.1);
        go(function () use ($server, $frame) {
            $server->push($frame->fd, '1');
            Co::sleep(0.5);
            $server->push($frame->fd, '2');
        });
        $server->push($frame->fd, '3');
    });
    $server->stop();
});
$server->start();
