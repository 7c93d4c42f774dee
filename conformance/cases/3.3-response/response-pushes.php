<?php
/*
 * A request can push to WebSockets.
 *
 * open a /
 * GET /?text=news
 * body told 1
 * a< text news
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) use ($server) {
    $n = 0;
    foreach ($server->connections as $fd) {
        if ($server->isEstablished($fd)) {
            $server->push($fd, $r->get['text']);
            $n++;
        }
    }
    $response->end("told $n");
});
$server->start();
