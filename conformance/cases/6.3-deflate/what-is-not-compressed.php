<?php
/*
 * Only whole data frames are deflated: neither control frames, nor empty ones, nor parts.
 *
 * open a /
 *   Sec-WebSocket-Extensions: permessage-deflate
 * a> text go
 * a< ping x
 * a< frame 81 ""
 * a< frame 01 "one "
 * a< frame 80 "two"
 * a< deflate times 40 three
 */
require __DIR__ . '/conform.php';
$server = server(['websocket_compression' => true]);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'x', WEBSOCKET_OPCODE_PING);
    $server->push($frame->fd, '');
    $server->push($frame->fd, 'one ', WEBSOCKET_OPCODE_TEXT, 0);
    $server->push($frame->fd, 'two', WEBSOCKET_OPCODE_CONTINUATION);
    $server->push($frame->fd, str_repeat('three', 40));
});
$server->start();
