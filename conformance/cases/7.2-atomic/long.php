<?php
/*
 * Atomic\Long is signed and has 64 bits.
 *
 * open a /
 * a> text go
 * a< text [-5,9223372036854775807,-9223372036854775808]
 */
require __DIR__ . '/conform.php';
$server = server();
$long = new Swoole\Atomic\Long(-5);
answers($server, function () use ($long) {
    $all = [$long->get()];
    $long->set(PHP_INT_MAX);
    return array_merge($all, [$long->get(), $long->add(1)]);
});
$server->start();
