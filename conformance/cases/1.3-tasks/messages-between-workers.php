<?php
/*
 * sendMessage() reaches the other worker's memory, arrays as arrays.
 *
 * mode resident
 * open a /
 * a> text set
 * a< text true
 * wait 100ms
 * open b /
 * b> text get
 * b< text ~ ^\{"from":[01],"list":\[1,2\]\}$
 */
require __DIR__ . '/conform.php';
$server = server(['worker_num' => 2]);
$kept = null;
$server->on('pipeMessage', function ($server, $source, $data) use (&$kept) {
    $kept = ['from' => $source] + $data;
});
$server->on('message', function ($server, $frame) use (&$kept) {
    $server->push($frame->fd, json_encode($frame->data === 'set' ? $server->sendMessage(['list' => [1, 2]], 1 - $server->worker_id) : $kept));
});
$server->start();
