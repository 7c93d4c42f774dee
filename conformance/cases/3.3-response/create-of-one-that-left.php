<?php
/*
 * Response::create($fd) of a connection that is not there gives a response that nobody gets: its methods give false and
 * 7106. With the server as first argument it is false, with a warning.
 *
 * GET /
 * body done
 * note true
 * note [false,7106]
 * note [false,7106]
 * note false | parameter $2 must be valid connection session id | 503
 */
require __DIR__ . '/conform.php';
use Swoole\Http\Response;

$server = server();
$server->on('message', function () {
});
$server->on('request', function ($request, $response) use ($server) {
    $gone = Response::create(99);
    note($gone instanceof Response);
    note([$gone->end('x'), swoole_last_error()]);
    note([$gone->write('x'), swoole_last_error()]);
    note(tried(function () use ($server) {
        return Response::create($server, 99);
    }));
    $response->end('done');
});
$server->start();
