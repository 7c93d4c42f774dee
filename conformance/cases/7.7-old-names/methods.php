<?php
/*
 * Methods.
 *
 * differs: the methods that 5.0 removed are there
 * open a /
 * a> text go
 * a< text [true,true,true]
 * note deferred
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    $server->defer(function () {
        note('deferred');
    });
    return [is_callable([$server, 'tick']), is_callable([$server, 'after']), is_callable([$server, 'clearTimer'])];
});
$server->start();
