<?php
/*
 * sendMessage() refuses itself, ids that are not there, and servers without onPipeMessage.
 *
 * open a /
 * a> text self
 * a< text ~ ^false \| can't send messages to self
 * a> text far
 * a< text ~ ^false \| worker_id\[9\] is invalid
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
answers($server, function ($server, $frame) {
    return $server->sendMessage('x', $frame->data === 'self' ? 0 : 9);
});
$server->on('task', function () {
});
$server->on('pipeMessage', function () {
});
$server->start();
