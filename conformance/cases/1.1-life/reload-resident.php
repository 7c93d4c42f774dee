<?php
/*
 * reload(): beforeReload, all workers stop and start, afterReload; connections stay, memory does not.
 *
 * mode resident
 * open a /
 * open b /
 * a> text x
 * a< text 1
 * b> text x
 * b< text 1
 * a> text reload
 * a< text true
 * note before
 * note stop 0
 * note stop 1
 * note after
 * a> text x
 * a< text 1
 * b> text x
 * b< text 1
 */
require __DIR__ . '/conform.php';
$server = server(['worker_num' => 2]);
$server->on('beforeReload', function () {
    note('before');
});
$server->on('afterReload', function () {
    note('after');
});
$server->on('workerStop', function ($server, $id) {
    note('stop', $id);
});
$server->on('message', function ($server, $frame) {
    static $n = 0;
    $server->push($frame->fd, json_encode($frame->data === 'reload' ? $server->reload() : ++$n));
});
$server->start();
