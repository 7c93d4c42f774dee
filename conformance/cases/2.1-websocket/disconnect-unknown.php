<?php
/*
 * disconnect() of a fd that is not there warns as push() does.
 *
 * open a /
 * a> text go
 * a< text false | session#99 does not exists | 503
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return $server->disconnect(99);
});
$server->start();
