<?php
/*
 * finish decides about FIN if it is not null, else the flags do.
 *
 * open a /
 * a> text go
 * a< text ["01","81","01"]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $frame = new Swoole\WebSocket\Frame();
    $first = [];
    foreach ([[false, 1], [true, 0], [null, 0]] as [$finish, $flags]) {
        $frame->finish = $finish;
        $frame->flags = $flags;
        $first[] = bin2hex(((string) $frame)[0]);
    }
    return $first;
});
$server->start();
