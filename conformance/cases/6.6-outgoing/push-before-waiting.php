<?php
/*
 * What a callback pushes leaves when it waits, not when it is over; a reply to the sender, and to another one.
 *
 * mode resident
 * open a /
 * open b /
 * a> text go
 * a< text first
 * b< text first
 * a< nothing
 * a> text wake
 * a< text second
 */
require __DIR__ . '/conform.php';
$server = server();
$channel = null;
$server->on('message', function ($server, $frame) use (&$channel) {
    if ($frame->data === 'wake') {
        $channel->push(true);
        return;
    }
    $channel = new Swoole\Coroutine\Channel();
    foreach ($server->connections as $fd) {
        $server->push($fd, 'first');
    }
    $channel->pop();
    $server->push($frame->fd, 'second');
});
$server->start();
