<?php
/*
 * listen() after the start gives false, and warns.
 *
 * open a /
 * a> text go
 * a< text ~ ^false \| server is running, unable to execute Swoole.WebSocket.Server->listen
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return $server->listen('127.0.0.1', 9599, SWOOLE_SOCK_TCP);
});
$server->start();
