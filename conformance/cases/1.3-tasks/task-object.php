<?php
/*
 * With task_use_object onTask gets one object.
 *
 * open a /
 * a> text x
 * a< text 0
 * a< text finished HELLO
 * note Swoole\Server\Task 0 0 "hello" true
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1, 'task_use_object' => true]);
answers($server, function ($server, $frame) {
    $GLOBALS['fd'] = $frame->fd;
    return $server->task('hello');
});
$server->on('task', function ($server, $task) {
    note(get_class($task), $task->id, $task->worker_id, json_encode($task->data), $task->dispatch_time > 0);
    $task->finish(strtoupper($task->data));
});
$server->on('finish', function ($server, $id, $data) {
    $server->push(1, "finished $data");
});
$server->start();
