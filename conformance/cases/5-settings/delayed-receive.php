<?php
/*
 * enable_delay_receive: nothing is read before confirm().
 *
 * tcp a
 * a> raw "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
 * note connect 1
 * note confirmed true
 * a< raw "HTTP/1.1 200 OK\r\n"
 */
require __DIR__ . '/conform.php';
$server = server(['enable_delay_receive' => true]);
$server->on('connect', function ($server, $fd) {
    note('connect', $fd);
    note('confirmed', $server->confirm($fd));
});
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end('x');
});
$server->start();
