<?php
/*
 * A string column without a size is refused with a warning.
 *
 * open a /
 * a> text go
 * a< text ~ ^false \|
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    return (new Swoole\Table(64))->column('s', Swoole\Table::TYPE_STRING);
});
$server->start();
