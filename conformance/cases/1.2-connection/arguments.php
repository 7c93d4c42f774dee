<?php
/*
 * What callbacks of a connection get: how many arguments, of which types; the server is the one that was made. What they
 * return changes nothing.
 *
 * open a /
 * note connect server integer integer
 * note before server Swoole\Http\Request Swoole\Http\Response
 * note open server Swoole\Http\Request
 * a> text hello
 * a< text hello
 * note message server Swoole\WebSocket\Frame
 * drop a
 * note close server integer integer
 * b GET /
 * body answered
 * note connect server integer integer
 * note request Swoole\Http\Request Swoole\Http\Response
 * drop b
 * note disconnect server integer integer
 */
require __DIR__ . '/conform.php';
$server = server();
$types = function (string $event, array $arguments) use ($server): bool {
    note($event, ...array_map(function ($argument) use ($server) {
        return $argument === $server ? 'server' : (is_object($argument) ? get_class($argument) : gettype($argument));
    }, $arguments));
    return false;
};
foreach (['connect', 'open', 'close', 'disconnect'] as $event) {
    $server->on($event, function (...$arguments) use ($types, $event) {
        return $types($event, $arguments);
    });
}
$server->on('beforeHandshakeResponse', function (...$arguments) use ($types) {
    return $types('before', $arguments);
});
$server->on('message', function (...$arguments) use ($types) {
    $arguments[0]->push($arguments[1]->fd, $arguments[1]->data);
    return $types('message', $arguments);
});
$server->on('request', function (...$arguments) use ($types) {
    $arguments[1]->end('answered');
    return $types('request', $arguments);
});
$server->start();
