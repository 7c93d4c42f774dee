<?php
/*
 * exists, isEstablished, getClientInfo, bind and protect of an unknown fd leave no error.
 *
 * open a /
 * a> text go
 * a< text [false,false,false,false,false]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return [$server->exists(99), $server->isEstablished(99), $server->getClientInfo(99), $server->bind(99, 1), $server->protect(99)];
});
$server->start();
