<?php
/*
 * defer() runs in the loop's next round, behind the callback; cycle() in each.
 *
 * mode resident
 * open a /
 * a> text defer
 * a< text first
 * a< text later
 * a> text cycle
 * a< text cycled
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'defer') {
        Swoole\Event::defer(function () use ($server, $frame) {
            $server->push($frame->fd, 'later');
        });
        $server->push($frame->fd, 'first');
        return;
    }
    Swoole\Event::cycle(function () use ($server, $frame) {
        $server->push($frame->fd, 'cycled');
        Swoole\Event::cycle(null);
    });
});
$server->start();
