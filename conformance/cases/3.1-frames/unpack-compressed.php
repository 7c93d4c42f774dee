<?php
/*
 * pack() with FLAG_COMPRESS deflates, unpack() inflates and shows it.
 *
 * open a /
 * a> text go
 * a< text ["hello hello hello",7]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $bytes = Swoole\WebSocket\Server::pack('hello hello hello', 1, SWOOLE_WEBSOCKET_FLAG_FIN | SWOOLE_WEBSOCKET_FLAG_COMPRESS);
    $frame = Swoole\WebSocket\Server::unpack($bytes);
    return [$frame->data, $frame->flags];
});
$server->start();
