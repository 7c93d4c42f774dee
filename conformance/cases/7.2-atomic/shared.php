<?php
/*
 * An Atomic made before start() counts over all events.
 *
 * open a /
 * a> text go
 * a< text 1
 * open b /
 * b> text go
 * b< text 2
 */
require __DIR__ . '/conform.php';
$server = server();
$atomic = new Swoole\Atomic();
answers($server, function () use ($atomic) {
    return $atomic->add(1);
});
$server->start();
