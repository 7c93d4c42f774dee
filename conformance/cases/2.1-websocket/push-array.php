<?php
/*
 * An array is pushed as the text Array, with PHP's warning.
 *
 * open a /
 * a> text go
 * a< text Array
 * a< text true | Array to string conversion
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->push($frame->fd, ['x']);
});
$server->start();
