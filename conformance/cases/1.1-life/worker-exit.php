<?php
/*
 * A worker that is told to stop while a coroutine waits: workerExit, then workerStop when the coroutine is over.
 *
 * mode resident
 * open a /
 * a> text stop
 * a< text stopping
 * note exit 0 3
 * note the coroutine is over
 * note stop 0
 * a> text hello
 * a< text hello
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerExit', function ($server, $id) {
    note('exit', $id, $server->getWorkerStatus());
});
$server->on('workerStop', function ($server, $id) {
    note('stop', $id);
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'stop') {
        go(function () {
            Co::sleep(0.3);
            note('the coroutine is over');
        });
        $server->push($frame->fd, 'stopping');
        $server->stop();
        return;
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
