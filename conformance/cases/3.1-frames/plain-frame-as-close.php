<?php
/*
 * A plain Frame of opcode 8 is a close frame with code 1000.
 *
 * open a /
 * a> text go
 * a< text ~ ^"880203e8"$
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $frame = new Swoole\WebSocket\Frame();
    $frame->opcode = WEBSOCKET_OPCODE_CLOSE;
    $frame->data = 'ignored';
    return bin2hex((string) $frame);
});
$server->start();
