<?php
/*
 * setting is null before set() and start().
 *
 * open a /
 * a> text go
 * a< text null
 */
require __DIR__ . '/conform.php';
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501, SWOOLE_PROCESS);
$before = $server->setting;
answers($server, function () use ($before) {
    return $before;
});
$server->start();
