<?php
/*
 * push() to a fd that is not there warns, gives false and 503.
 *
 * open a /
 * a> text go
 * a< text false | session#99 does not exists | 503
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return $server->push(99, 'x');
});
$server->start();
