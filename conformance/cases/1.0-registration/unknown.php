<?php
/*
 * An unknown event is warned of, and false.
 *
 * differs: it is warned of once, when the server starts
 * log nonsense
 * open a /
 * a> text x
 * a< text false
 */
require __DIR__ . '/conform.php';
$server = server();
$said = tried(function () use ($server) {
    return $server->on('nonsense', function () {
    });
});
$server->on('message', function ($server, $frame) use ($said) {
    $server->push($frame->fd, str_replace(' | 503', '', $said));
});
$server->start();
