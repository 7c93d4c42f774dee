<?php
/*
 * An exception in each callback of a connection: the log says what and where, other connections are untouched.
 *
 * differs: an exception fails its event: 500, or 1011 for open; no other connection notices
 * args --workers 1
 * open b /
 * b> text bad connect
 * b< text bad connect
 * open c /
 * c> text hello
 * c< text hello
 * drop c
 * log RuntimeException: thrown in connect
 * b> text bad before
 * b< text bad before
 * d GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==
 * status 500
 * log RuntimeException: thrown in before
 * b> text bad open
 * b< text bad open
 * open e /
 * e< close 1011 "the script failed"
 * log RuntimeException: thrown in open
 * b> text bad request
 * b< text bad request
 * GET /
 * status 500
 * log RuntimeException: thrown in request
 * open f /
 * b> text bad close
 * b< text bad close
 * drop f
 * log RuntimeException: thrown in close
 * b> text alive
 * b< text alive
 */
require __DIR__ . '/conform.php';
$server = server();
function bad(string $where): void
{
    if (is_file(__DIR__ . '/bad') && file_get_contents(__DIR__ . '/bad') === $where) {
        unlink(__DIR__ . '/bad');
        throw new RuntimeException("thrown in $where");
    }
}
$server->on('connect', function ($server, $fd) {
    bad('connect');
});
$server->on('beforeHandshakeResponse', function ($server, $request, $response) {
    bad('before');
});
$server->on('open', function ($server, $request) {
    bad('open');
});
$server->on('request', function ($request, $response) {
    bad('request');
    $response->end('good');
});
$server->on('close', function ($server, $fd) {
    bad('close');
});
$server->on('message', function ($server, $frame) {
    if (substr($frame->data, 0, 4) === 'bad ') {
        file_put_contents(__DIR__ . '/bad', substr($frame->data, 4));
    }
    $server->push($frame->fd, $frame->data);
    bad('message');
});
$server->start();
