<?php
/*
 * close(): unknown 1005, twice 1004; neither warns.
 *
 * open a /
 * open b /
 * a> text unknown
 * a< text false | 1005
 * a> text twice
 * a< text [true,false] | 1004
 * b< eof
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    if ($frame->data === 'unknown') {
        return $server->close(99);
    }
    return [$server->close(2), $server->close(2)];
});
$server->start();
