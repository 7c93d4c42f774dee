<?php
/*
 * A request is an upgrade if its Upgrade header names websocket among others, in any case.
 *
 * open a /
 *   Upgrade: h2c, WebSocket
 * a> text x
 * a< text open x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('open', function ($server, $request) {
    note('open');
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'open ' . $frame->data);
});
$server->start();
