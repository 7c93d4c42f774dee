<?php
/*
 * A CloseFrame with a reason over 125 bytes packs to ''; the log says it, PHP is not warned.
 *
 * open a /
 * a> text go
 * a< text ~ ^""( \| 8505)?$
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $close = new Swoole\WebSocket\CloseFrame();
    $close->reason = str_repeat('x', 126);
    return (string) $close;
});
$server->start();
