<?php
/*
 * task() gives the id at once; onTask gets id, worker and data; what it returns comes to onFinish in the worker that asked.
 *
 * open a /
 * a> text work
 * a< text 0
 * note task 0 0 {"fd":1,"text":"work"} true 1
 * a< text finished 0 WORK 0
 * a> text more
 * a< text 1
 * a< text finished 1 MORE 0
 * note task 1 0 {"fd":1,"text":"more"} true 1
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
answers($server, function ($server, $frame) {
    return $server->task(['fd' => $frame->fd, 'text' => $frame->data]);
});
$server->on('task', function ($server, $id, $source, $data) {
    note('task', $id, $source, $data, $server->taskworker, $server->worker_id);
    return ['fd' => $data['fd'], 'text' => strtoupper($data['text'])];
});
$server->on('finish', function ($server, $id, $data) {
    $server->push($data['fd'], "finished $id {$data['text']} $server->worker_id");
});
$server->start();
