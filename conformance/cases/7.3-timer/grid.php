<?php
/*
 * Ticks that were missed while code blocked are dropped; a timer may clear itself; callbacks are coroutines.
 *
 * mode resident
 * open a /
 * a> text go
 * a< text 2 true
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $runs = 0;
    $tick = Swoole\Timer::tick(50, function ($id) use ($server, $frame, &$runs) {
        if (++$runs === 1) {
            usleep(420000); // eight ticks of the grid
            Swoole\Timer::after(1, function () use ($server, $frame, &$runs, $id) {
                // One was due when the first was over.
                $cleared = Swoole\Timer::clear($id) && Swoole\Coroutine::getCid() > 0;
                $server->push($frame->fd, min($runs, 2) . ' ' . ($cleared && $runs < 5 ? 'true' : "false $runs"));
            });
        }
    });
});
$server->start();
