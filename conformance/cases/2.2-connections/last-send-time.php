<?php
/*
 * last_send_time is 0 until something was sent: the 101, an answer of HTTP.
 *
 * tcp t
 * note connect 0.0
 * t GET /
 * body connected
 * note request 0.0
 * t GET /again
 * body connected
 * note request 1.5
 * open a /
 * note connect 0.0
 * a> text go
 * a< text 1.5
 */
require __DIR__ . '/conform.php';
$server = server();
function sent($server, int $fd): string
{
    $time = $server->getClientInfo($fd)['last_send_time'];
    return is_float($time) ? ($time > 1e9 ? '1.5' : number_format($time, 1)) : gettype($time);
}
$server->on('connect', function ($server, $fd) {
    note('connect', sent($server, $fd));
});
$server->on('request', function ($request, $response) use ($server) {
    note('request', sent($server, $request->fd));
    $response->end('connected');
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, sent($server, $frame->fd));
});
$server->start();
