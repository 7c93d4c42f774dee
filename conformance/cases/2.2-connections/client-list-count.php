<?php
/*
 * getClientList() of more than 100 warns, and is false.
 *
 * open a /
 * a> text go
 * a< text ~ ^false \| swoole connection list max_find_count=100
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return $server->getClientList(0, 101);
});
$server->start();
