<?php
/*
 * A worker that is told to stop does not wait longer than max_wait_time for its coroutines.
 *
 * mode resident
 * open a /
 * a> text stop
 * note stop
 * a> text hello
 * a< text hello
 */
require __DIR__ . '/conform.php';
$server = server(['max_wait_time' => 1]);
$server->on('workerStop', function () {
    note('stop');
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'stop') {
        go(function () {
            Co::sleep(60);
            note('too late');
        });
        $server->stop();
        return;
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
