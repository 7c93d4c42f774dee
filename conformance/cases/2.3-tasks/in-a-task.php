<?php
/*
 * In a task worker task() warns, and is false.
 *
 * open a /
 * a> text x
 * a< text 0
 * note ~ ^false \| .*[Tt]ask.* cannot use in the task-worker
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
answers($server, function ($server) {
    return $server->task('x');
});
$server->on('task', function ($server) {
    note(tried(function () use ($server) {
        return $server->task('y');
    }));
});
$server->start();
