<?php
/*
 * In open the connection can be pushed to, and what it returns does not count.
 *
 * open a /?name=bob
 * a< text hello bob 1
 * a> text x
 * a< text x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('open', function ($server, $request) {
    $server->push($request->fd, "hello {$request->get['name']} $request->fd");
    return false;
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
    return false;
});
$server->start();
