<?php
/*
 * A CloseFrame with a reason over 125 bytes packs to ''; Swoole only logs it.
 *
 * differs: it is a PHP warning, too
 * open a /
 * a> text go
 * a< text ~ ^"" \| the max length of close reason is 125 \| 8505$
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $close = new Swoole\WebSocket\CloseFrame();
    $close->reason = str_repeat('x', 126);
    return (string) $close;
});
$server->start();
