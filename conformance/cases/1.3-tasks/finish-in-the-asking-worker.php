<?php
/*
 * finish comes to the worker that asked, with its memory; results of each worker to itself.
 *
 * mode resident
 * open a /
 * open b /
 * a> text x
 * a< text 1 results, mine
 * b> text x
 * b< text 1 results, mine
 * a> text x
 * a< text 2 results, mine
 */
require __DIR__ . '/conform.php';
$server = server(['worker_num' => 2, 'task_worker_num' => 2]);
$asked = [];
$results = 0;
$server->on('task', function ($server, $id, $source, $data) {
    return ['source' => $source] + $data;
});
$server->on('finish', function ($server, $id, $data) use (&$asked, &$results) {
    $results++;
    $mine = isset($asked[$id]) && $data['source'] === $server->worker_id;
    $server->push($data['fd'], "$results results, " . ($mine ? 'mine' : "another's"));
});
$server->on('message', function ($server, $frame) use (&$asked) {
    $asked[$server->task(['fd' => $frame->fd])] = true;
});
$server->start();
