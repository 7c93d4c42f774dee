<?php
/*
 * A UDP listener is refused, by file and line of its listen().
 *
 * differs: the bridge serves no UDP
 * refuses udp.php:13)
 */
require __DIR__ . '/conform.php';
$server = server();
$server->set(['worker_num' => 1]);
$server->on('message', function () {
});
$udp = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_UDP);
$udp->on('packet', function ($server, $data, $client) {
});
$server->start();
