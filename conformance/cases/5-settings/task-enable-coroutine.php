<?php
/*
 * With task_enable_coroutine onTask gets an object, too.
 *
 * open a /
 * a> text go
 * a< text 0
 * note Swoole\Server\Task x
 * a< text done
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1, 'task_enable_coroutine' => true]);
answers($server, function ($server) {
    return $server->task('x');
});
$server->on('task', function ($server, $task) {
    note(get_class($task), $task->data);
    $task->finish('done');
});
$server->on('finish', function ($server, $id, $data) {
    $server->push(1, $data);
});
$server->start();
