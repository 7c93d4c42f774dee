<?php
/*
 * taskWaitMulti() leaves out what was too slow, taskCo() has false for it; input keys do not count.
 *
 * open a /
 * a> text multi
 * a< text ~ ^\{"0":"A","2":"C"\}
 * a> text co
 * a< text ~ ^\["A",false,"C"\]
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 3]);
answers($server, function ($server, $frame) {
    $tasks = ['x' => 'a', 'y' => 'slow', 'z' => 'c'];
    return $frame->data === 'co' ? $server->taskCo($tasks, 0.2) : $server->taskWaitMulti($tasks, 0.2);
});
$server->on('task', function ($server, $id, $source, $data) {
    if ($data === 'slow') {
        usleep(600000);
    }
    return strtoupper($data);
});
$server->start();
