<?php
/*
 * SWOOLE_BASE with several workers: each worker reaches the connections of all.
 *
 * differs: it is served as SWOOLE_PROCESS; Swoole's workers reach only their own connections in SWOOLE_BASE
 * args --workers 2
 * open a /
 * open b /
 * a> text go
 * a< text [1,true,true,[1,2],2,true]
 * b< text from 1
 * b> text go
 * a< text from 2
 * b< text [1,true,true,[1,2],2,true]
 */
require __DIR__ . '/conform.php';
$server = server(['worker_num' => 2], SWOOLE_BASE);
$server->on('message', function ($server, $frame) {
    $other = 3 - $frame->fd;
    $answer = [
        $server->mode, $server->exists($other), $server->isEstablished($other), $server->getClientList(), count($server->connections),
        $server->push($other, "from $frame->fd"),
    ];
    $server->push($frame->fd, json_encode($answer));
});
$server->start();
