<?php
/*
 * stats() counts connections.
 *
 * open a /
 * open b /
 * tcp c
 * drop c
 * note closed
 * a> text go
 * a< text [2,3,1,1]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('close', function () {
    note('closed');
});
answers($server, function ($server) {
    $stats = $server->stats();
    return [$stats['connection_num'], $stats['accept_count'], $stats['close_count'], $stats['worker_num']];
});
$server->start();
