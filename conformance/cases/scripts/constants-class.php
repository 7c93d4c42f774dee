<?php
/*
 * Events and settings by Swoole\Constant, arrow functions, a coroutine per message.
 *
 * open a /
 * a> text 3
 * a< text 0
 * a< text 1
 * a< text 2
 */
use Swoole\Constant;
use Swoole\Coroutine;
use Swoole\WebSocket\Server;

$server = new Server('127.0.0.1', 9501);
$server->set([Constant::OPTION_WORKER_NUM => 1, Constant::OPTION_ENABLE_COROUTINE => true]);
$server->on(Constant::EVENT_MESSAGE, fn (Server $server, $frame) => go(function () use ($server, $frame) {
    for ($i = 0; $i < (int) $frame->data; $i++) {
        Coroutine::sleep(0.005);
        $server->push($frame->fd, (string) $i);
    }
}));
$server->start();
