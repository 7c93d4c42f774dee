<?php
/*
 * getClientInfo() says which worker has a connection: the one whose callback asks, or another one; worker 0 is not named.
 *
 * open a /
 * open b /
 * a> text 0
 * a< text true
 * b> text 1
 * b< text true
 */
require __DIR__ . '/conform.php';
$server = server(['worker_num' => 4], SWOOLE_PROCESS);
answers($server, function ($server, $frame) {
    $own = $server->getClientInfo($frame->fd)['worker_id'] ?? 0;
    $other = $server->getClientInfo(3 - $frame->fd)['worker_id'] ?? 0;
    return $own === $server->worker_id && $other >= 0 && $other < 4;
});
$server->start();
