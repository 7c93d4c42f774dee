<?php
/*
 * exit in each callback of a connection: the log names the callback, other connections are untouched.
 *
 * differs: exit ends the event only (in resident mode the worker, which is replaced); what it asked for before is done
 * args --workers 1
 * open b /
 * b> text bad connect
 * b< text bad connect
 * open c /
 * c> text hello
 * c< text hello
 * drop c
 * log the callback connect, which begins here, called exit
 * b> text bad before
 * b< text bad before
 * open d /
 * drop d
 * log the callback beforehandshakeresponse, which begins here, called exit
 * b> text bad open
 * b< text bad open
 * open e /
 * e> text hello
 * e< text hello
 * drop e
 * log the callback open, which begins here, called exit
 * b> text bad request
 * b< text bad request
 * GET /
 * status 500
 * log the callback request, which begins here, called exit
 * open f /
 * b> text bad close
 * b< text bad close
 * drop f
 * log the callback close, which begins here, called exit
 * b> text alive
 * b< text alive
 */
require __DIR__ . '/conform.php';
$server = server();
function bad(string $where): void
{
    if (is_file(__DIR__ . '/bad') && file_get_contents(__DIR__ . '/bad') === $where) {
        unlink(__DIR__ . '/bad');
        exit(1);
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
