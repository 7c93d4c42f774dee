<?php
/*
 * open_websocket_ping_frame delivers pings, and there is no pong by itself.
 *
 * open a /
 * a> ping hello
 * a< text 9 hello 33 true
 * a> text x
 * a< text 1 x 33 true
 */
require __DIR__ . '/conform.php';
$server = server(['open_websocket_ping_frame' => true]);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, "$frame->opcode $frame->data $frame->flags " . json_encode($frame->finish));
});
$server->start();
