<?php
/*
 * Task data of each type that can be serialized arrive as they were.
 *
 * open a /
 * a> text x
 * a< text [1,1.5,null,"x",{"a":1}]
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
answers($server, function ($server) {
    return $server->taskwait([1, 1.5, null, 'x', (object) ['a' => 1]], 5);
});
$server->on('task', function ($server, $id, $source, $data) {
    return $data;
});
$server->start();
