<?php
/*
 * A fd of 0 or less warns, and is false.
 *
 * open a /
 * a> text 0
 * a< text ~ ^false \| (fd\[0\] is invalid|session#0 does not exists) \| 503
 * a> text -1
 * a< text ~ ^false \| (fd\[-1\] is invalid|session#-1 does not exists) \| 503
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->push((int) $frame->data, 'x');
});
$server->start();
