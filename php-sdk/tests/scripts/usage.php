<?php

switch ($argv[1] ?? '') {
    case 'start':
        $server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
        $server->on('message', 'strlen');
        $server->start();
        break;
    default:
        echo "usage: usage.php start|stop\n";
}
