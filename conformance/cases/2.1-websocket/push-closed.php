<?php
/*
 * A connection that this event closed gives false and 1004, without a warning.
 *
 * open a /
 * open b /
 * a> text go
 * a< text false | 1004
 * b< eof
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    $server->close(2);
    return $server->push(2, 'x');
});
$server->start();
