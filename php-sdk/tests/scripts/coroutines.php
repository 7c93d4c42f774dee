<?php

use function Swoole\Coroutine\batch;

Co::set(['hook_flags' => SWOOLE_HOOK_ALL]);
$server = new swoole_websocket_server('0.0.0.0', 9501);
$server->on('workerStart', function (swoole_server $server) {
    swoole_timer_tick(1000, 'strlen');
});
$server->on('message', function (OpenSwoole\Server $server, Swoole\WebSocket\Frame $frame) {
    $channel = new chan(2);
    go(function () use ($channel, $frame) {
        Co::sleep(0.002);
        if ($frame->data === 'exit') {
            exit;
        }
        if ($frame->data === 'memory') {
            str_repeat('x', 100000000);
        }
        if ($frame->data === 'throw') {
            throw new RuntimeException('in a coroutine');
        }
        $channel->push($frame->data);
    });
    $server->push($frame->fd, 'first');
    defer(function () use ($server, $frame) {
        $server->push($frame->fd, 'deferred');
    });
    $server->push($frame->fd, $channel->pop() . array_sum(batch([fn() => 1, fn() => 2])));
    go(function () use ($server, $frame) {
        Co::sleep(0.002);
        $server->push($frame->fd, 'last of ' . Co::getCid());
    });
});
$server->start();
