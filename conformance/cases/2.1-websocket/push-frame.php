<?php
/*
 * A Frame's own opcode, data and flags count, and not the arguments behind it.
 *
 * open a /
 * a> text go
 * a< binary framed
 * a< frame 01 part
 * a< close 4000 reason
 * a< text true
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    $f = new Swoole\WebSocket\Frame();
    $f->data = 'framed';
    $f->opcode = WEBSOCKET_OPCODE_BINARY;
    $server->push($frame->fd, $f, WEBSOCKET_OPCODE_TEXT, 0);
    $f->opcode = WEBSOCKET_OPCODE_TEXT;
    $f->data = 'part';
    $f->finish = false;
    $server->push($frame->fd, $f);
    $c = new Swoole\WebSocket\CloseFrame();
    $c->code = 4000;
    $c->reason = 'reason';
    return $server->push($frame->fd, $c);
});
$server->start();
