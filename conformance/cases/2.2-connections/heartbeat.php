<?php
/*
 * heartbeat() is false without a heartbeat_check_interval.
 *
 * open a /
 * a> text go
 * a< text false
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return $server->heartbeat(false);
});
$server->start();
