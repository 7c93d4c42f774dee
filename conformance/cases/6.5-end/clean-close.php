<?php
/*
 * What a client says goodbye with is what it hears; a close is an active status.
 *
 * open a /
 * a> close 1000 bye
 * a< close 1000 bye
 * a< eof
 * note 3
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('close', function ($server, $fd) {
    note($server->getClientInfo($fd)['websocket_status']);
});
$server->start();
