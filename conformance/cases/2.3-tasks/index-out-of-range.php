<?php
/*
 * An index of a task worker that is not there warns, and is false.
 *
 * open a /
 * a> text x
 * a< text ~ ^false \| worker_id must be less than task_worker_num\[1\]
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
answers($server, function ($server) {
    return $server->task('x', 5);
});
$server->on('task', function () {
});
$server->start();
