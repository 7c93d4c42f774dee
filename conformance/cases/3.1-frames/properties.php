<?php
/*
 * A Frame and a CloseFrame: their properties, in order, and their defaults.
 *
 * open a /
 * a> text go
 * a< text [{"fd":0,"data":"","opcode":1,"flags":1,"finish":null},{"fd":0,"data":"","opcode":8,"flags":1,"finish":null,"code":1000,"reason":""},true]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $close = new Swoole\WebSocket\CloseFrame();
    return [new Swoole\WebSocket\Frame(), $close, $close instanceof Swoole\WebSocket\Frame];
});
$server->start();
