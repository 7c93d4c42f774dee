<?php
/*
 * wait(): 1 becomes 0 at once, 0 waits for its time, another value is false at once.
 *
 * open a /
 * a> text go
 * a< text [true,0,false,false]
 */
require __DIR__ . '/conform.php';
$server = server();
$atomic = new Swoole\Atomic(1);
answers($server, function () use ($atomic) {
    $all = [$atomic->wait(1), $atomic->get(), $atomic->wait(0.01)];
    $atomic->set(2);
    return array_merge($all, [$atomic->wait(5)]);
});
$server->start();
