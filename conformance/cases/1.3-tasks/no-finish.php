<?php
/*
 * onFinish is optional.
 *
 * open a /
 * a> text x
 * a< text 0
 * note done
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
answers($server, function ($server) {
    return $server->task('x');
});
$server->on('task', function () {
    note('done');
    return 'a result';
});
$server->start();
