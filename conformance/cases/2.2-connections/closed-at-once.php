<?php
/*
 * Behind close() the connection is gone for this event.
 *
 * open a /
 * open b /
 * a> text go
 * a< text [true,false,false]
 * b< eof
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return [$server->close(2), $server->exists(2), $server->isEstablished(2)];
});
$server->start();
