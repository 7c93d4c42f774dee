<?php
/*
 * The worker_ numbers of stats() are those of the worker.
 *
 * mode resident
 * open a /
 * a> text x
 * a< text [1,1]
 * a> text x
 * a< text [2,2]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    $stats = $server->stats();
    return [$stats['worker_request_count'], $stats['worker_dispatch_count']];
});
$server->start();
