<?php
/*
 * A close frame is echoed, the server ends the line, and close comes once.
 *
 * open a /
 * a> close 4999 "because"
 * a< close 4999 because
 * a< eof
 * note close 1 true 3
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    note('message');
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor >= 0, $server->getClientInfo($fd)['websocket_status']);
});
$server->start();
