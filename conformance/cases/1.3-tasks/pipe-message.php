<?php
/*
 * sendMessage() comes as pipeMessage in the worker it names, arrays as arrays.
 *
 * open a /
 * a> text x
 * a< text true
 * a< text from 0 to 1 {"a":[1,2]}
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
answers($server, function ($server) {
    return $server->sendMessage(['a' => [1, 2]], 1);
});
$server->on('task', function () {
});
$server->on('pipeMessage', function ($server, $from, $data) {
    $server->push(1, "from $from to $server->worker_id " . json_encode($data));
});
$server->start();
