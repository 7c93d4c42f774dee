<?php
/*
 * set() before create() is an error.
 *
 * open a /
 * a> text go
 * a< text null
 * log table is not created or has been destroyed
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'null');
    $server->task('x');
});
$server->on('close', function () {
});
$server->on('task', function () {
    $table = new Swoole\Table(64);
    $table->set('k', []);
});
$server->set(['task_worker_num' => 1]);
$server->start();
