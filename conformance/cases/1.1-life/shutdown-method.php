<?php
/*
 * shutdown() in a callback ends the server.
 *
 * differs: a close frame says that the server goes
 * open a /
 * a> text go
 * a< text true
 * a< close 1001 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return $server->shutdown();
});
$server->start();
