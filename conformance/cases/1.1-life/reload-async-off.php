<?php
/*
 * Without reload_async a worker that is replaced waits for no coroutine, and has no workerExit.
 *
 * mode resident
 * open a /
 * a> text reload
 * a< text reloading
 * note stop 0
 * a> text hello
 * a< text hello
 * a> text note
 * a< text note
 * note the end
 */
require __DIR__ . '/conform.php';
$server = server(['reload_async' => false]);
$server->on('workerExit', function () {
    note('exit');
});
$server->on('workerStop', function ($server, $id) {
    note('stop', $id);
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'reload') {
        go(function () {
            Co::sleep(60);
        });
        $server->push($frame->fd, 'reloading');
        $server->reload();
        return;
    }
    if ($frame->data === 'note') {
        note('the end');
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
