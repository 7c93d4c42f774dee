<?php
/*
 * Fragments go out as they are pushed, legal or not.
 *
 * open a /
 * a> text go
 * a< frame 01 one
 * a< frame 00 two
 * a< frame 80 three
 * a< frame 00 no start
 * a< frame 02 again
 * a< frame 81 between
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $fd = $frame->fd;
    $server->push($fd, 'one', WEBSOCKET_OPCODE_TEXT, 0);
    $server->push($fd, 'two', WEBSOCKET_OPCODE_CONTINUATION, 0);
    $server->push($fd, 'three', WEBSOCKET_OPCODE_CONTINUATION);
    $server->push($fd, 'no start', WEBSOCKET_OPCODE_CONTINUATION, false);
    $server->push($fd, 'again', WEBSOCKET_OPCODE_BINARY, false);
    $server->push($fd, 'between');
});
$server->start();
