<?php
/*
 * In close the others can be told.
 *
 * open a /
 * open b /
 * drop a
 * b< text 1 left
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('close', function ($server, $fd) {
    foreach ($server->connections as $other) {
        if ($server->isEstablished($other)) {
            $server->push($other, "$fd left");
        }
    }
});
$server->start();
