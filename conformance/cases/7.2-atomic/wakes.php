<?php
/*
 * wakeup() in one process ends a wait() in another one.
 *
 * args --workers 2
 * open a /
 * open b /
 * a> text wait
 * note waiting
 * b> text wake
 * b< text true
 * a< text [true,0]
 */
require __DIR__ . '/conform.php';
$server = server(['worker_num' => 2]);
$atomic = new Swoole\Atomic(0);
answers($server, function ($server, $frame) use ($atomic) {
    if ($frame->data === 'wake') {
        return $atomic->wakeup();
    }
    note('waiting');
    return [$atomic->wait(20), $atomic->get()];
});
$server->start();
