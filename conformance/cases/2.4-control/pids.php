<?php
/*
 * master and manager have pids in callbacks, the same as in the properties.
 *
 * open a /
 * a> text go
 * a< text [true,true,true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return [$server->getMasterPid() > 0, $server->getManagerPid() > 0, $server->getMasterPid() === $server->master_pid, $server->getManagerPid() === $server->manager_pid];
});
$server->start();
