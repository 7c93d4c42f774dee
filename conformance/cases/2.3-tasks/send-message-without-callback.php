<?php
/*
 * sendMessage() without onPipeMessage warns, and is false.
 *
 * open a /
 * a> text x
 * a< text ~ ^false \| onPipeMessage is null, can't use sendMessage
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
answers($server, function ($server) {
    return $server->sendMessage('x', 1);
});
$server->on('task', function () {
});
$server->start();
