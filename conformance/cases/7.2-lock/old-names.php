<?php
/*
 * trylock() and its kin of older versions are there.
 *
 * open a /
 * a> text go
 * a< text [true,false,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$lock = new Swoole\Lock(SWOOLE_MUTEX);
answers($server, function () use ($lock) {
    return [$lock->trylock(), $lock->trylock(), $lock->unlock()];
});
$server->start();
