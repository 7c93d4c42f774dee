<?php
/*
 * What a callback sees of a connection that it has disconnected: status 4 (closing), and no method takes it any more. The close
 * event has status 4, too, and reactor -1.
 *
 * differs: the close event comes when the callback is over, and not inside disconnect()
 * open a /
 * a> text go
 * a< close 4000 bye
 * a< eof
 * note true
 * note [4,false,false]
 * note false | 1004
 * note false | 1004
 * note false | 1004
 * note false | 1004
 * note the callback is over
 * note close 1 -1 4
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $fd = $frame->fd;
    note($server->disconnect($fd, 4000, 'bye'));
    note([$server->getClientInfo($fd)['websocket_status'], $server->exists($fd), $server->isEstablished($fd)]);
    foreach (['push', 'send', 'disconnect', 'close'] as $method) {
        note(tried(function () use ($server, $fd, $method) {
            return $method === 'push' || $method === 'send' ? $server->$method($fd, 'x') : $server->$method($fd);
        }));
    }
    note('the callback is over');
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor, $server->getClientInfo($fd)['websocket_status']);
});
$server->start();
