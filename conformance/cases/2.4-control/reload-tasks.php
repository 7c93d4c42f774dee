<?php
/*
 * reload(true) is for the task workers: event workers keep their memory; reload() replaces them.
 *
 * mode resident
 * open a /
 * a> text count
 * a< text 1
 * a> text tasks
 * a< text true
 * note before
 * note after
 * a> text count
 * a< text 2
 * a> text all
 * a< text true
 * note before
 * note stop
 * note after
 * a> text count
 * a< text 1
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
$count = 0;
$server->on('beforeReload', function () {
    note('before');
});
$server->on('afterReload', function () {
    note('after');
});
$server->on('workerStop', function ($server) {
    $server->taskworker || note('stop');
});
$server->on('task', function () {
});
$server->on('message', function ($server, $frame) use (&$count) {
    $answer = $frame->data === 'count' ? ++$count : var_export($server->reload($frame->data === 'tasks'), true);
    $server->push($frame->fd, (string) $answer);
});
$server->start();
