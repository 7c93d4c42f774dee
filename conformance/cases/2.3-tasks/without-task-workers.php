<?php
/*
 * task() without task workers warns, and is false.
 *
 * open a /
 * a> text x
 * a< text ~ ^false \| task method can't be executed without task worker
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    return $server->task('x');
});
$server->start();
