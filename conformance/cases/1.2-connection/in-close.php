<?php
/*
 * In close the connection is gone: not established, not listed; its data are still there, and close() says 1003.
 *
 * open a /
 * a> close 1000
 * a< close 1000
 * note exists false
 * note isEstablished false
 * note status 3
 * note listed false
 * note close false | 1003
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('close', function ($server, $fd) {
    note('exists', $server->exists($fd));
    note('isEstablished', $server->isEstablished($fd));
    note('status', $server->getClientInfo($fd)['websocket_status']);
    note('listed', in_array($fd, iterator_to_array($server->connections, false), true));
    note('close', tried(function () use ($server, $fd) {
        return $server->close($fd);
    }));
});
$server->start();
