<?php
/*
 * Without a key the answer is 400 and an end: connect and close come, neither open nor request.
 *
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 * status 400
 * a< eof
 * note connect 1
 * note close 1 -1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('connect', function ($server, $fd) {
    note('connect', $fd);
});
$server->on('open', function () {
    note('open');
});
$server->on('request', function () {
    note('request');
});
$server->on('message', function () {
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor);
});
$server->start();
