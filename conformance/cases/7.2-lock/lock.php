<?php
/*
 * lock() and unlock() are true; a lock that is held is false with errCode 16 when asked not to wait.
 *
 * open a /
 * a> text go
 * a< text [true,false,16,true,true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$lock = new Swoole\Lock(SWOOLE_MUTEX);
answers($server, function () use ($lock) {
    $all = [$lock->lock(), $lock->lock(LOCK_EX | LOCK_NB), $lock->errCode, $lock->unlock()];
    return array_merge($all, [$lock->lock(LOCK_EX | LOCK_NB), $lock->unlock()]);
});
$server->start();
