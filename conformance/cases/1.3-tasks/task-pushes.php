<?php
/*
 * A task can push to each connection.
 *
 * open a /
 * open b /
 * a> text news
 * a< text 0
 * a< text all: news
 * b< text all: news
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 2]);
answers($server, function ($server, $frame) {
    return $server->task($frame->data);
});
$server->on('task', function ($server, $id, $source, $text) {
    foreach ($server->connections as $fd) {
        $server->push($fd, "all: $text");
    }
});
$server->on('finish', function () {
});
$server->start();
