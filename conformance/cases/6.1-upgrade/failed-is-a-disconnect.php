<?php
/*
 * A failed handshake is a disconnect event if one is registered, and no close.
 *
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 * status 400
 * a< eof
 * note disconnect 1 -1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('disconnect', function ($server, $fd, $reactor) {
    note('disconnect', $fd, $reactor);
});
$server->on('close', function () {
    note('close');
});
$server->start();
