<?php
/*
 * In callbacks $server->setting has what start() adds.
 *
 * open a /
 * a> text x
 * a< text [1,0,true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    $s = $server->setting;
    return [$s['worker_num'], $s['task_worker_num'], $s['open_http_protocol'], $s['open_websocket_protocol']];
});
$server->start();
