<?php
/*
 * A worker watches a stream: what comes there is pushed; del() ends it.
 *
 * mode resident
 * open a /
 * a> text isset
 * a< text true
 * a> text one
 * a< text from the stream: one
 * a> text two
 * a< text from the stream: two
 * a> text del
 * a< text true
 * a> text isset
 * a< text false
 * a> text del
 * a< text ~ ^false \| the descriptor is not in the event loop
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStart', function ($server) {
    [$server->near, $server->far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    Swoole\Event::add($server->near, function ($stream) use ($server) {
        $text = fread($stream, 8192);
        foreach ($server->connections as $fd) {
            $server->push($fd, "from the stream: $text");
        }
    });
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'isset' || $frame->data === 'del') {
        $server->push($frame->fd, tried(function () use ($server, $frame) {
            return $frame->data === 'del' ? Swoole\Event::del($server->near) : Swoole\Event::isset($server->near);
        }));
        return;
    }
    fwrite($server->far, $frame->data);
});
$server->start();
