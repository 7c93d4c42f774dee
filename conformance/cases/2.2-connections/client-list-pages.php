<?php
/*
 * The usual loop over pages finds all.
 *
 * open a /
 * open b /
 * open c /
 * a> text go
 * a< text [1,2,3]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    $all = [];
    $start = 0;
    while ($list = $server->connection_list($start, 2)) {
        $start = end($list);
        $all = array_merge($all, $list);
    }
    return $all;
});
$server->start();
