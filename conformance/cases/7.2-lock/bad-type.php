<?php
/*
 * A type that is not there throws.
 *
 * open a /
 * a> text go
 * a< text ~ ^Swoole\\Exception
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    return new Swoole\Lock(99);
});
$server->start();
