<?php
/*
 * Push in a timer from a message; cancel it; a timer in a request.
 *
 * mode resident
 * open a /
 * a> text remind 60
 * a< text ok 1
 * a< text reminder!
 * a> text remind 5000
 * a< text ok 2
 * a> text cancel
 * a< text true
 * a> text cancel
 * a< text false
 * a> text count
 * a< text 0
 * a> text repeat
 * a< text 1
 * a< text 2
 * a< text 3
 * wait 100ms
 * a> text count
 * a< text 0
 * GET /later
 * body later
 */
$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$timers = [];
$server->on('message', function (Swoole\WebSocket\Server $server, $frame) use (&$timers) {
    $fd = $frame->fd;
    [$cmd, $arg] = explode(' ', $frame->data) + [1 => null];
    if ($cmd === 'remind') {
        $id = Swoole\Timer::after((int) $arg, function () use ($server, $fd) { $server->push($fd, 'reminder!'); });
        $timers[$fd] = $id;
        $server->push($fd, "ok $id");
    } elseif ($cmd === 'cancel') {
        $server->push($fd, json_encode(swoole_timer_clear($timers[$fd])));
    } elseif ($cmd === 'count') {
        $server->push($fd, count(iterator_to_array(Swoole\Timer::list())));
    } elseif ($cmd === 'repeat') {
        $n = 0;
        swoole_timer_tick(20, function ($id) use ($server, $fd, &$n) {
            $server->push($fd, (string) ++$n);
            if ($n === 3) { swoole_timer_clear($id); }
        });
    }
});
$server->on('request', function ($req, $res) {
    Swoole\Timer::after(50, function () use ($res) { $res->end('later'); });
});
$server->start();
