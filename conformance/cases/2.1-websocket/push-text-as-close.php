<?php
/*
 * A text pushed as a close frame has code 0 in front of it.
 *
 * open a /
 * a> text go
 * a< frame 88 "\x00\x00bye"
 * a< text true
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->push($frame->fd, 'bye', WEBSOCKET_OPCODE_CLOSE);
});
$server->start();
