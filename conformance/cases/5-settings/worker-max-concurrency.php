<?php
/*
 * worker_max_concurrency: requests of a worker above it wait in their order until a response is over. Messages do not.
 *
 * mode resident
 * args --workers 1
 * open w /
 * tcp a
 * a> raw "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
 * note begin /1
 * tcp b
 * b> raw "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
 * note begin /2
 * tcp c
 * c> raw "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"
 * w> text 3
 * w< text 3
 * tcp d
 * d> raw "GET /4 HTTP/1.1\r\nHost: x\r\n\r\n"
 * w> text 4
 * w< text 4
 * w> text go
 * w< text go
 * note end /1
 * note begin /3
 * a< answer
 * body /1
 * w> text go
 * w< text go
 * note end /2
 * note begin /4
 * b< answer
 * body /2
 * w> text go
 * w< text go
 * note end /3
 * c< answer
 * body /3
 * w> text go
 * w< text go
 * note end /4
 * d< answer
 * body /4
 */
require __DIR__ . '/conform.php';
$server = server(['worker_max_concurrency' => 2, 'worker_num' => 1]);
$channel = null;
$server->on('workerStart', function () use (&$channel) {
    $channel = new Swoole\Coroutine\Channel(10);
});
$server->on('message', function ($server, $frame) use (&$channel) {
    while ($frame->data !== 'go' && $server->stats()['worker_concurrency'] < (int) $frame->data) {
        Co::sleep(0.01); // until they are there
    }
    $server->push($frame->fd, $frame->data);
    $frame->data === 'go' && $channel->push(true);
});
$server->on('request', function ($request, $response) use (&$channel) {
    $path = $request->server['request_uri'];
    note("begin $path");
    $channel->pop();
    note("end $path");
    $response->end($path);
});
$server->start();
