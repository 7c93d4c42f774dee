<?php
/*
 * The public properties.
 *
 * open a /
 * a> text go
 * a< text ["127.0.0.1",true,1,2,1,true]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return [$server->host, $server->port > 0, $server->type, $server->mode, count($server->ports), $server->ports[0] instanceof Swoole\Server\Port];
});
$server->start();
