<?php
/*
 * Flags of push(): FIN decides, FLAG_MASK is dropped.
 *
 * differs: without permessage-deflate FLAG_COMPRESS does nothing, and RSV2 and RSV3 are never sent
 * open a /
 * a> text go
 * a< text times 64 x
 * a< frame 81 masked
 * a< frame 81 rsv
 * a< frame 01 "not "
 * a< frame 80 over
 * a< ping beat
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $fin = SWOOLE_WEBSOCKET_FLAG_FIN;
    $server->push($frame->fd, str_repeat('x', 64), WEBSOCKET_OPCODE_TEXT, $fin | SWOOLE_WEBSOCKET_FLAG_COMPRESS);
    $server->push($frame->fd, 'masked', WEBSOCKET_OPCODE_TEXT, $fin | SWOOLE_WEBSOCKET_FLAG_MASK);
    $server->push($frame->fd, 'rsv', WEBSOCKET_OPCODE_TEXT, $fin | SWOOLE_WEBSOCKET_FLAG_RSV2 | SWOOLE_WEBSOCKET_FLAG_RSV3);
    $server->push($frame->fd, 'not ', WEBSOCKET_OPCODE_TEXT, 0);
    $server->push($frame->fd, 'over', WEBSOCKET_OPCODE_CONTINUATION, true);
    $server->push($frame->fd, 'beat', WEBSOCKET_OPCODE_PING, 0);
});
$server->start();
