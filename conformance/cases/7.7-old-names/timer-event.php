<?php
/*
 * addtimer() of Swoole 1 has the timer event come, with its interval; deltimer() ends that.
 *
 * differs: none of it is there since Swoole 1.8
 * mode resident
 * note [true,false,false]
 * note tick 10
 * note tick 10
 * note [true,false]
 * wait 50ms
 * open a /
 * a> text x
 * a< text 2
 * no log TypeError
 */
require __DIR__ . '/conform.php';
$server = new swoole_websocket_server('127.0.0.1', 9501);
$server->set(['worker_num' => 1]);
$ticks = 0;
$server->on('workerStart', function ($server) {
    note([$server->addtimer(10), @$server->addtimer(10), $server->deltimer(7)]);
});
$server->on('Timer', function ($server, $interval) use (&$ticks) {
    note("tick $interval");
    if (++$ticks === 2) {
        note([$server->deltimer($interval), $server->deltimer($interval)]);
    }
});
$server->on('message', function ($server, $frame) use (&$ticks) {
    $server->push($frame->fd, (string) $ticks);
});
$server->start();
