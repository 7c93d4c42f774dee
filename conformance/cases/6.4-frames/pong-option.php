<?php
/*
 * open_websocket_pong_frame delivers pongs.
 *
 * open a /
 * a> pong hello
 * a< text 10 hello
 */
require __DIR__ . '/conform.php';
$server = server(['open_websocket_pong_frame' => true]);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, "$frame->opcode $frame->data");
});
$server->start();
