<?php
/*
 * A closure as the callback for a task's result: it runs in the worker, with what it captured, and finish does not come.
 *
 * mode resident
 * open a /
 * a> text one
 * a< text queued 0
 * a< text [0,"ONE",1]
 * a> text two
 * a< text queued 1
 * a< text [1,"TWO",2]
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
$n = 0;
$server->on('task', function ($server, $id, $source, $data) {
    return strtoupper($data);
});
$server->on('finish', function () {
    note('finish');
});
$server->on('message', function ($server, $frame) use (&$n) {
    $n++;
    $id = $server->task($frame->data, -1, function ($server, $id, $result) use ($frame, &$n) {
        $server->push($frame->fd, json_encode([$id, $result, $n]));
    });
    $server->push($frame->fd, "queued $id");
});
$server->start();
