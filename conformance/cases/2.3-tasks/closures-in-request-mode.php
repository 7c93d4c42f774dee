<?php
/*
 * A closure that is to get a task's result is named at boot; the event that hands it over fails.
 *
 * differs: the result comes to another PHP run, which does not have that closure
 * mode request
 * log closures-in-request-mode.php:17 what="$server->task() with a closure or an object's method as third argument: the event fails, use onFinish"
 * open a /
 * a> text x
 * log give the name of a function or of a static method, or use onFinish
 * a> text after
 * a< text after
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
$server->on('message', function ($server, $frame) {
    $frame->data === 'x' && $server->task(1, -1, function ($server, $id, $data) use ($frame) {
        $server->push($frame->fd, 'never');
    });
    $server->push($frame->fd, $frame->data);
});
$server->on('task', function ($server, $id, $worker, $data) {
    return $data;
});
$server->start();
