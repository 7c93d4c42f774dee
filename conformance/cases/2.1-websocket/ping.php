<?php
/*
 * ping() sends a ping; an unknown fd is warned of.
 *
 * open a /
 * a> text 1
 * a< ping data
 * a< text true
 * a> text 99
 * a< text false | session#99 does not exists | 503
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $server->ping((int) $frame->data, 'data');
});
$server->start();
