<?php
/*
 * reload() is true; before and after reload are told.
 *
 * open a /
 * a> text go
 * a< text true
 * note before
 * note after
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('beforeReload', function () {
    note('before');
});
$server->on('afterReload', function () {
    note('after');
});
answers($server, function ($server) {
    return $server->reload();
});
$server->start();
