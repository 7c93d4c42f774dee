<?php
/*
 * worker_num: ids of workers are below it.
 *
 * open a /
 * open b /
 * open c /
 * a> text go
 * a< text true
 * b> text go
 * b< text true
 * c> text go
 * c< text true
 */
require __DIR__ . '/conform.php';
$server = server(['worker_num' => 3]);
answers($server, function ($server) {
    return $server->worker_id >= 0 && $server->worker_id < 3;
});
$server->start();
