<?php
/*
 * close($fd, true) is true, and ends the connection.
 *
 * open a /
 * open b /
 * a> text go
 * a< text true
 * b< eof
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return $server->close(2, true);
});
$server->start();
