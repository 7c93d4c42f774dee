<?php
/*
 * A task that returns null sends nothing back; finish() may be called several times.
 *
 * open a /
 * a> text go
 * a< text 0
 * a< text one
 * a< text two
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
answers($server, function ($server, $frame) {
    return $server->task($frame->fd);
});
$server->on('task', function ($server, $id, $source, $fd) {
    $server->finish([$fd, 'one']);
    $server->finish([$fd, 'two']);
});
$server->on('finish', function ($server, $id, $data) {
    $server->push($data[0], $data[1]);
});
$server->start();
