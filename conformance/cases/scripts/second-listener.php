<?php
/*
 * A WebSocket, and a port of TCP for the backend, which says what is pushed.
 *
 * ports 2
 * open a /
 * tcp b:2
 * b> raw "{\"to\":1,\"text\":\"from the backend\"}\r\n"
 * a< text from the backend
 * b< raw "ok"
 */
$server = new \Swoole\WebSocket\Server('0.0.0.0', 9501, SWOOLE_BASE);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$tcp = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
$tcp->set(['open_websocket_protocol' => false, 'open_http_protocol' => false, 'open_eof_check' => true, 'package_eof' => "\r\n"]);
$tcp->on('receive', function ($server, $fd, $reactorId, $data) {
    $job = json_decode(trim($data), true);
    if ($server->exist($job['to'])) {
        $server->push($job['to'], $job['text']);
    }
    $server->send($fd, 'ok');
});
$server->start();
