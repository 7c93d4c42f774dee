<?php
/*
 * getClientInfo() of an unknown fd is false, without warning and error; connection_info() is its old name.
 *
 * open a /
 * a> text go
 * a< text [false,false]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return [$server->getClientInfo(99), $server->connection_info(99)];
});
$server->start();
