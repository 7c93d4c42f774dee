<?php
/*
 * write() sends more than the descriptor has room for by and by; set() asks for writing, too.
 *
 * mode resident
 * open a /
 * a> text write
 * a< text 3000000
 * a> text set
 * a< text writable
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'write') {
        [$server->near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $got = 0;
        Swoole\Event::add($far, function ($far) use ($server, $frame, &$got) {
            $got += strlen(fread($far, 65536));
            if ($got === 3000000) {
                $server->push($frame->fd, (string) $got);
            }
        });
        Swoole\Event::add($server->near, function ($near) {
        });
        Swoole\Event::write($server->near, str_repeat('x', 3000000));
        return;
    }
    Swoole\Event::set($server->near, null, function ($near) use ($server, $frame) {
        $server->push($frame->fd, 'writable');
        Swoole\Event::del($near);
    }, SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE);
});
$server->start();
