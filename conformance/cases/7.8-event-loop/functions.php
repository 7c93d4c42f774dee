<?php
/*
 * swoole_event_add(), _write(), _set(), _isset(), _del().
 *
 * mode resident
 * open a /
 * a> text go
 * a< text ~ ^\[true,true,true,true\]$
 * a< text read ping
 * a< text [true,false]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    [$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    $server->far = $far;
    $read = function ($near) use ($server, $frame) {
        $server->push($frame->fd, 'read ' . fread($near, 100));
        $server->push($frame->fd, json_encode([swoole_event_del($near), swoole_event_isset($near)]));
    };
    $nothing = function () {
    };
    $server->push($frame->fd, json_encode([
        is_int(swoole_event_add($near, $nothing)), swoole_event_set($near, $read, null, SWOOLE_EVENT_READ),
        swoole_event_isset($near, SWOOLE_EVENT_READ), is_int(swoole_event_add($far, $nothing)) && swoole_event_write($far, 'ping'),
    ]));
});
$server->start();
