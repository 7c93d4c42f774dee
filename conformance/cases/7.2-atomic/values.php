<?php
/*
 * An Atomic is an unsigned number of 32 bits that wraps.
 *
 * open a /
 * a> text go
 * a< text [5,6,4,true,false,10,4294967295,0]
 */
require __DIR__ . '/conform.php';
$server = server();
$atomic = new Swoole\Atomic(5);
answers($server, function () use ($atomic) {
    $all = [$atomic->get(), $atomic->add(), $atomic->sub(2), $atomic->cmpset(4, 10), $atomic->cmpset(4, 11), $atomic->get()];
    $atomic->set(-1);
    return array_merge($all, [$atomic->get(), $atomic->add(1)]);
});
$server->start();
