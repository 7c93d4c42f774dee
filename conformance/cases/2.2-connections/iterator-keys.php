<?php
/*
 * Its keys are 1, 2, 3, and each foreach begins anew.
 *
 * open a /
 * open b /
 * a> text go
 * a< text [{"1":1,"2":2},{"1":1,"2":2}]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    $twice = [];
    for ($i = 0; $i < 2; $i++) {
        $keys = [];
        foreach ($server->connections as $key => $fd) {
            $keys[$key] = $fd;
        }
        $twice[] = $keys;
    }
    return $twice;
});
$server->start();
