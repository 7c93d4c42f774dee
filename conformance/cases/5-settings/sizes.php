<?php
/*
 * Sizes may be given as 2M.
 *
 * open a /
 * a> text times 1500000 x
 * a< text 1500000
 * a> text times 2100000 x
 * a< close 1009 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server(['package_max_length' => '2M']);
answers($server, function ($server, $frame) {
    return strlen($frame->data);
});
$server->start();
