<?php

// Says on demand what it has used, in microseconds: user, system.
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'usage') {
        $now = getrusage();
        $server->push($frame->fd, json_encode([
            $now['ru_utime.tv_sec'] * 1e6 + $now['ru_utime.tv_usec'],
            $now['ru_stime.tv_sec'] * 1e6 + $now['ru_stime.tv_usec'],
        ]));
        return;
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
