<?php
/*
 * An interval below 1 is refused with a warning.
 *
 * open a /
 * a> text go
 * a< text ~ ^false \| Timer must be greater than or equal to 1
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    return Swoole\Timer::after(0, function () {
    });
});
$server->start();
