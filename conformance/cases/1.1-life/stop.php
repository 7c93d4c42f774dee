<?php
/*
 * stop() ends the worker in order when its callback is over: workerStop, then the next one; the connection stays, its memory does not.
 *
 * mode resident
 * note start 0
 * open a /
 * a> text count
 * a< text 1
 * a> text stop
 * a< text true
 * note stop 0
 * note start 0
 * a> text count
 * a< text 1
 * no log worker does not answer
 */
require __DIR__ . '/conform.php';
$server = server();
$count = 0;
$server->on('workerStart', function ($server, $id) {
    note('start', $id);
});
$server->on('workerStop', function ($server, $id) {
    note('stop', $id);
});
$server->on('workerError', function () {
    note('error');
});
$server->on('message', function ($server, $frame) use (&$count) {
    $server->push($frame->fd, json_encode($frame->data === 'stop' ? $server->stop() : ++$count));
});
$server->start();
