<?php

$command = $argv[1] ?? 'start';
// pcntl_signal() is named here, too
pcntl_async_signals(true);
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
