<?php
/*
 * Server::pack() and Frame::pack() are the same; opcodes over 10 give ''; FLAG_MASK masks with 258E.
 *
 * open a /
 * a> text go
 * a< text ["810178","020178","818132353845"]
 * a> text bad
 * a< text ~ ^"" \| the maximum value of opcode is 10 \| 8505$
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    if ($frame->data === 'bad') {
        return Swoole\WebSocket\Server::pack('x', 11);
    }
    return [
        bin2hex(Swoole\WebSocket\Server::pack('x')), bin2hex(Swoole\WebSocket\Frame::pack('x', WEBSOCKET_OPCODE_BINARY, 0)),
        bin2hex(substr(Swoole\WebSocket\Server::pack('x', 1, SWOOLE_WEBSOCKET_FLAG_FIN | SWOOLE_WEBSOCKET_FLAG_MASK), 0, 6)),
    ];
});
$server->start();
