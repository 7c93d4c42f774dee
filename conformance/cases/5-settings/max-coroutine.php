<?php
/*
 * max_coroutine: no more coroutines than that at once.
 *
 * open a /
 * a> text go
 * a< text [true,false]
 */
require __DIR__ . '/conform.php';
$server = server(['max_coroutine' => 2]);
$server->on('message', function ($server, $frame) {
    $made = [];
    for ($i = 0; $i < 2; $i++) {
        $made[] = @go(function () {
            Swoole\Coroutine::sleep(0.01);
        }) !== false;
    }
    $server->push($frame->fd, json_encode($made));
});
$server->start();
