<?php
/*
 * max_idle_time ends connections that neither say nor hear anything.
 *
 * open a /
 * a< eof
 * note close true
 */
require __DIR__ . '/conform.php';
$server = server(['max_idle_time' => 1]);
$server->on('message', function () {
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $reactor >= 0);
});
$server->start();
