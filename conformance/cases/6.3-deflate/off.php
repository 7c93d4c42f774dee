<?php
/*
 * Without the setting compression is not negotiated.
 *
 * open a /
 *   Sec-WebSocket-Extensions: permessage-deflate
 * no header Sec-WebSocket-Extensions
 * a> text hello
 * a< text hello
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
