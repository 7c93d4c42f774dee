<?php
/*
 * A close frame that is pushed ends nothing: messages flow until the client answers.
 *
 * open a /
 * a> text close
 * a< close 4000 x
 * a> text more
 * a< text more
 * a> close 4000
 * a< close 4000
 * a< eof
 * note close 1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'close') {
        $c = new Swoole\WebSocket\CloseFrame();
        $c->code = 4000;
        $c->reason = 'x';
        $server->push($frame->fd, $c);
        return;
    }
    $server->push($frame->fd, $frame->data);
});
$server->on('close', function ($server, $fd) {
    note('close', $fd);
});
$server->start();
