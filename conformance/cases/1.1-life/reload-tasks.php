<?php
/*
 * reload(true): beforeReload and afterReload, and event workers go on with what they have in memory.
 *
 * mode resident
 * open a /
 * a> text x
 * a< text 1
 * a> text reload
 * a< text true
 * note before
 * note after
 * a> text x
 * a< text 2
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
$server->on('beforeReload', function () {
    note('before');
});
$server->on('afterReload', function () {
    note('after');
});
$server->on('workerStop', function ($server, $id) {
    if (!$server->taskworker) {
        note('stop', $id);
    }
});
$server->on('task', function () {
});
$server->on('message', function ($server, $frame) {
    static $n = 0;
    $server->push($frame->fd, json_encode($frame->data === 'reload' ? $server->reload(true) : ++$n));
});
$server->start();
