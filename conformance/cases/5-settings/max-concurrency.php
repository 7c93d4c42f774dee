<?php
/*
 * max_concurrency: a request above it gets 503 and its connection ends; so does a handshake. Messages do not count.
 *
 * args --workers 4
 * open w /
 * tcp a
 * a> raw "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
 * note slow
 * GET /
 * status 503
 * tcp b
 * b> raw "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
 * b< answer
 * status 503
 * b< eof
 * tcp c
 * c> raw "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
 * c< answer
 * status 503
 * w> text hello
 * w< text hello
 * a< answer
 * status 200
 * body /slow
 * GET /
 * status 200
 * body /
 */
require __DIR__ . '/conform.php';
$server = server(['max_concurrency' => 1, 'worker_num' => 4]);
$server->on('message', function ($server, $frame) {
    touch(__DIR__ . '/go');
    $server->push($frame->fd, $frame->data);
});
$server->on('request', function ($request, $response) {
    if ($request->server['request_uri'] === '/slow') {
        note('slow');
        while (!is_file(__DIR__ . '/go')) {
            clearstatcache();
            Co::sleep(0.01);
        }
    }
    $response->end($request->server['request_uri']);
});
$server->start();
