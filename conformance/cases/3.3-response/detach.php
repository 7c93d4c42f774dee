<?php
/*
 * A detached response is answered in another event.
 *
 * tcp b
 * open a /
 * b> raw "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
 * a< text detached
 * a> text 1
 * a< text true
 * b< raw "HTTP/1.1 200 OK\r\n"
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('request', function ($r, $response) use ($server) {
    $response->detach();
    $server->push(2, 'detached');
});
answers($server, function ($server, $frame) {
    return Swoole\Http\Response::create((int) $frame->data)->end('later');
});
$server->start();
