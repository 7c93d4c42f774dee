<?php
/*
 * $server->ports lists the ports; each has its connections.
 *
 * ports 2
 * open a /
 * open b:2 /
 * open c:2 /
 * a> text go
 * a< text [2,[1,2],true]
 */
require __DIR__ . '/conform.php';
$server = server();
$second = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
answers($server, function ($server) use ($second) {
    return [count($server->ports), array_map(function ($port) {
        return count(iterator_to_array($port->connections, false));
    }, $server->ports), $server->ports[1] === $second];
});
$server->start();
