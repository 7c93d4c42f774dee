<?php
/*
 * Underscores.
 *
 * differs: the names that 5.0 removed are there
 * open a /
 * a> text go
 * a< text [true,true,true,true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return [
        $server instanceof swoole_websocket_server, $frame instanceof swoole_websocket_frame, class_exists('swoole_table'), class_exists('swoole_http_request'),
        class_exists('swoole_atomic'),
    ];
});
$server->start();
