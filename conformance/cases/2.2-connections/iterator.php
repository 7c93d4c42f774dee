<?php
/*
 * $server->connections: values are fds, count() counts all, array access asks.
 *
 * open a /
 * open b /
 * tcp c
 * c GET /
 * status 200
 * a> text go
 * a< text [[1,2,3],3,true,false,"127.0.0.1",true]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('request', function ($request, $response) {
    $response->end('x');
});
answers($server, function ($server) {
    $c = $server->connections;
    return [iterator_to_array($c, false), count($c), isset($c[1]), isset($c[99]), $c[1]['remote_ip'], $c instanceof Swoole\Connection\Iterator];
});
$server->start();
