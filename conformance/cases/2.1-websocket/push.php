<?php
/*
 * push() is true, casts scalars, and takes the old bool in the place of flags.
 *
 * open a /
 * a> text go
 * a< text x
 * a< binary "\x00\xff"
 * a< text 12
 * a< text ""
 * a< text ""
 * a< frame 01 part
 * a< frame 80 end
 * a< text [true,true,true,true,true,true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    $fd = $frame->fd;
    return [
        $server->push($fd, 'x'), $server->push($fd, "\x00\xff", WEBSOCKET_OPCODE_BINARY), $server->push((string) $fd, 12),
        $server->push($fd, null), $server->push($fd, false),
        $server->push($fd, 'part', WEBSOCKET_OPCODE_TEXT, false), $server->push($fd, 'end', WEBSOCKET_OPCODE_CONTINUATION, true),
    ];
});
$server->start();
