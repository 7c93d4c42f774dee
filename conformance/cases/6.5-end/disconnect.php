<?php
/*
 * disconnect() sends a close frame, and ends the line at once without waiting for the echo.
 *
 * open a /
 * a> text go
 * a< text last words
 * a< close 4001 enough
 * a< eof
 * note close 1 -1 4
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'last words');
    $server->disconnect($frame->fd, 4001, 'enough');
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor, $server->getClientInfo($fd)['websocket_status']);
});
$server->start();
