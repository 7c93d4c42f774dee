<?php
/*
 * Before start() methods warn "server is not running", and give false and 503.
 *
 * open a /
 * a> text go
 * a< text ["false | server is not running | 503","false | server is not running | 503","false | server is not running | 503","false","0","0","false | 509"]
 */
require __DIR__ . '/conform.php';
$server = server();
$said = [
    tried(function () use ($server) {
        return $server->push(1, 'x');
    }),
    tried(function () use ($server) {
        return $server->exists(1);
    }),
    tried(function () use ($server) {
        return $server->task('x');
    }),
    tried(function () use ($server) {
        return $server->getWorkerId();
    }),
    tried(function () use ($server) {
        return $server->getMasterPid();
    }),
    tried(function () use ($server) {
        return $server->getManagerPid();
    }),
    tried(function () use ($server) {
        return $server->shutdown();
    }),
];
$server->on('message', function ($server, $frame) use ($said) {
    $server->push($frame->fd, json_encode($said));
});
$server->start();
