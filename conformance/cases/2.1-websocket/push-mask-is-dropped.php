<?php
/*
 * FLAG_MASK is ignored: a server does not mask.
 *
 * open a /
 * a> text go
 * a< raw "\x81\x01x"
 * a< text true
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->push($frame->fd, 'x', WEBSOCKET_OPCODE_TEXT, SWOOLE_WEBSOCKET_FLAG_FIN | SWOOLE_WEBSOCKET_FLAG_MASK);
});
$server->start();
