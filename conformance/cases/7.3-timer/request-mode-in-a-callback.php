<?php
/*
 * Request mode, in a connection's callback: OpenSwoole's own example.
 *
 * mode request
 * differs: a timer needs a process that stays: tick() warns and gives false, and the event goes on
 * open a /
 * log it needs a PHP process that stays: use --mode resident
 * a< text [false,false,false,null,0]
 * a> text hello
 * a< text ["hello"]
 * a< text deferred
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('open', function ($server, $request) {
    $id = $server->tick(1000, function () use ($server, $request) {
        $server->push($request->fd, 'tick');
    });
    $server->push($request->fd, json_encode([
        $id, Swoole\Timer::clear($id), Swoole\Timer::exists($id), Swoole\Timer::info($id), count(Swoole\Timer::list()),
    ]));
});
$server->on('message', function ($server, $frame) {
    $server->after(10, function () {
    });
    $server->defer(function () use ($server, $frame) {
        $server->push($frame->fd, 'deferred');
    });
    $server->push($frame->fd, json_encode([$frame->data]));
});
$server->start();
