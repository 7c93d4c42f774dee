<?php
/*
 * The default of package_max_length is 2 MiB.
 *
 * differs: the end comes with a close frame 1009
 *
 * open a /
 * a> text times 2000000 x
 * a< text 2000000
 * a> text times 2200000 x
 * a< close 1009 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return strlen($frame->data);
});
$server->start();
