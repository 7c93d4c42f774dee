<?php
/*
 * worker_max_concurrency: a response that the script keeps behind its callback is under way until it is over, or gone.
 *
 * mode resident
 * args --workers 1
 * open w /
 * tcp a
 * a> raw "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n"
 * note /keep
 * tcp b
 * b> raw "GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
 * w> text 2
 * w< text 2
 * b< nothing
 * w> text end
 * a< answer
 * body kept
 * b< answer
 * body /b
 * note /b
 * tcp c
 * c> raw "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n"
 * note /keep
 * tcp d
 * d> raw "GET /d HTTP/1.1\r\nHost: x\r\n\r\n"
 * w> text 2
 * w< text 2
 * d< nothing
 * w> text drop
 * c< answer
 * status 500
 * d< answer
 * body /d
 * note /d
 * w> text 0
 * w< text 0
 */
require __DIR__ . '/conform.php';
$server = server(['worker_max_concurrency' => 1, 'worker_num' => 1]);
$kept = null;
$server->on('message', function ($server, $frame) use (&$kept) {
    if (is_numeric($frame->data)) {
        while ($server->stats()['worker_concurrency'] !== (int) $frame->data) {
            Co::sleep(0.01); // until so many are there
        }
        $server->push($frame->fd, $frame->data);
        return;
    }
    if ($frame->data === 'end') {
        $kept->end('kept');
    }
    $kept = null;
});
$server->on('request', function ($request, $response) use (&$kept) {
    note($request->server['request_uri']);
    if ($request->server['request_uri'] === '/keep') {
        $kept = $response;
    } else {
        $response->end($request->server['request_uri']);
    }
});
$server->start();
