<?php
/*
 * null for a number or a text is 0 or '', with PHP's word on that (since 8.1), and the event goes on.
 *
 * open a /
 * a> text push
 * a< text ~ ^false \| (Passing null to parameter #1 \(\$fd\) of type int is deprecated \| )?.* \| 503$
 * a> text established
 * a< text ~ ^false( \| Passing null to parameter #1 \(\$fd\) of type int is deprecated)?$
 * a> text exist
 * a< text ~ ^false
 * a> text close
 * a< text ~ ^false .*1005$
 * a> text info
 * a< text ~ ^false
 * a> text disconnect
 * a< text ~ ^false .*503$
 * a> text clear
 * a< text ~ ^false
 * a> text clearTimer
 * a< text ~ ^false
 * a> text opcode
 * a< frame 80 sent
 * a< text ~ ^true
 * GET /
 * status 200
 * header Set-Cookie: ~ ^a=deleted; expires=.* \|\| b=c$
 * body left
 */
require __DIR__ . '/conform.php';
error_reporting(E_ALL);
$server = server();
answers($server, function ($server, $frame) {
    switch ($frame->data) {
        case 'push':
            return $server->push(null, 'nobody hears this');
        case 'established':
            return $server->isEstablished(null);
        case 'exist':
            return $server->exist(null);
        case 'close':
            return $server->close(null);
        case 'info':
            return $server->getClientInfo(null);
        case 'disconnect':
            return $server->disconnect(null, 1000, '');
        case 'clear':
            return swoole_timer_clear(null);
        case 'clearTimer':
            return Swoole\Timer::clear(null);
    }
    return $server->push($frame->fd, 'sent', null);
});
$server->on('request', function ($request, $response) {
    $response->cookie('a', null);
    $response->cookie('b', 'c', null, null, null, null, null);
    $response->write(null);
    $response->end('left');
});
$server->start();
