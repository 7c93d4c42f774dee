<?php
/*
 * Inside a callback: worker id, pid and status of the worker itself; ids that are not there are false.
 *
 * open a /
 * a> text go
 * a< text [0,true,1,false,false]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return [$server->getWorkerId(), $server->getWorkerPid() === getmypid(), $server->getWorkerStatus(), $server->getWorkerPid(77), $server->getWorkerStatus(77)];
});
$server->start();
