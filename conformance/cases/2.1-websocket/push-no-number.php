<?php
/*
 * A fd that is no number is a TypeError.
 *
 * open a /
 * a> text go
 * a< text ~ ^TypeError 0: .*push\(\): Argument #1 \(\$fd\) must be of type \??int
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return $server->push('abc', 'x');
});
$server->start();
