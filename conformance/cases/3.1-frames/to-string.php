<?php
/*
 * A Frame as a string is its bytes; lengths from 126 have 16 bits, from 65536 64.
 *
 * open a /
 * a> text go
 * a< text ["81026869","880203e8","817e0080","817f0000000000011170"]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $frame = new Swoole\WebSocket\Frame();
    $hex = [];
    foreach (['hi', null, str_repeat('x', 128), str_repeat('x', 70000)] as $data) {
        if ($data === null) {
            $hex[] = bin2hex((string) new Swoole\WebSocket\CloseFrame());
            continue;
        }
        $frame->data = $data;
        $hex[] = bin2hex(substr((string) $frame, 0, strlen($data) > 65535 ? 10 : 4));
    }
    return $hex;
});
$server->start();
