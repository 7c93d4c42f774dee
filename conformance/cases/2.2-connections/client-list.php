<?php
/*
 * getClientList(): from a fd on, exclusively; past the end false; an unknown start false.
 *
 * open a /
 * open b /
 * open c /
 * a> text go
 * a< text [[1,2,3],[2,3],[2],false,false]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return [$server->getClientList(), $server->getClientList(1), $server->getClientList(1, 1), $server->getClientList(3) ?: false, $server->getClientList(99)];
});
$server->start();
