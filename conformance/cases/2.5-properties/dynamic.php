<?php
/*
 * Servers take properties of the script's own, arrays too.
 *
 * open a /
 * a> text go
 * a< text ["mine",["x","y"]]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->mine = 'mine';
$server->list = ['x'];
$server->list[] = 'y';
answers($server, function ($server) {
    return [$server->mine, $server->list];
});
$server->start();
