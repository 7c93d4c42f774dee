<?php
/*
 * A callback is a coroutine with an id; defer() runs at its end.
 *
 * open a /
 * a> text go
 * a< text [true,true]
 * note deferred
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $cid = Swoole\Coroutine::getCid();
    Swoole\Coroutine::defer(function () {
        note('deferred');
    });
    return [$cid > 0, Swoole\Coroutine::getuid() === $cid];
});
$server->start();
