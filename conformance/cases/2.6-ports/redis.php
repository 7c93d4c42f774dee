<?php
/*
 * A port with open_redis_protocol gets whole requests of Redis's protocol; what is none ends the connection.
 *
 * ports 2
 * tcp r:2
 * r> raw "*2\r\n$3\r\nGET\r\n$3\r\na"
 * r< nothing
 * r> raw "bc\r\n"
 * r< raw "GET abc\r\n+OK\r\n"
 * r> raw "*1\r\n$4\r\nPING\r\n"
 * r< raw "PING\r\n+OK\r\n"
 * r> raw "hello\r\n"
 * r< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$port = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
$port->set(['open_redis_protocol' => true]);
$port->on('receive', function ($server, $fd, $reactor, $data) {
    preg_match_all('/\$\d+\r\n(.*?)\r\n(?=\$|$)/s', $data, $found);
    $server->send($fd, implode(' ', $found[1]) . "\r\n+OK\r\n");
});
$server->start();
