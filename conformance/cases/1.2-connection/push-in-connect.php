<?php
/*
 * In connect a push fails: it is no WebSocket yet.
 *
 * open a /
 * note false | the connected client of connection[1] is not a websocket client or closed | 503
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('connect', function ($server, $fd) {
    note(tried(function () use ($server, $fd) {
        return $server->push($fd, 'x');
    }));
});
$server->on('message', function () {
});
$server->start();
