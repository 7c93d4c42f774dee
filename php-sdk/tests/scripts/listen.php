<?php

$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$server->on('message', 'strlen');
$server->listen('0.0.0.0', 9502, SWOOLE_SOCK_TCP)->set([]);
$server->start();
