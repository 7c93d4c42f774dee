<?php

$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$server->set(['enable_coroutine' => false]);
$server->on('message', function ($server, $frame) {
    try {
        Co::sleep(0.001);
    } catch (Swoole\Error $error) {
        $server->push($frame->fd, Swoole\Coroutine::getCid() . ' ' . $error->getMessage());
    }
});
$server->start();
