<?php
/*
 * A timer that workerStart sets up ticks, with its id and the arguments.
 *
 * mode resident
 * open a /
 * a> text go
 * a< text true
 * a< text tick true x
 * a< text tick true x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStart', function ($server) {
    $server->timer = Swoole\Timer::tick(50, function ($id, $text) use ($server) {
        foreach ($server->connections as $fd) {
            $server->push($fd, 'tick ' . json_encode($id === $server->timer) . " $text");
        }
    }, 'x');
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'true');
});
$server->start();
