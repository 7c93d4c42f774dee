<?php
/*
 * A timer that a connection's callback sets ticks until it is cleared: OpenSwoole's own example.
 *
 * mode resident
 * open a /
 * a< text welcome true
 * a< text tick
 * a< text tick
 * a> text stop
 * a< text [true,false]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('open', function ($server, $request) {
    $server->timer = $server->tick(20, function () use ($server, $request) {
        static $n = 0;
        if ($n++ < 2) {
            $server->push($request->fd, 'tick');
        }
    });
    $server->push($request->fd, 'welcome ' . json_encode($server->timer > 0));
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, json_encode([$server->clearTimer($server->timer), swoole_timer_exists($server->timer)]));
});
$server->start();
