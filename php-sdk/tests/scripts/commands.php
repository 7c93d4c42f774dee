<?php

if (($argv[1] ?? '') !== 'start') {
    exit("usage: commands.php start\n");
}
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('message', 'strlen');
$server->start();
