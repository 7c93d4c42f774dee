<?php
/*
 * The close event of close() and disconnect().
 *
 * differs: it comes behind the callback that called them; Swoole runs it inside of the call
 * open a /
 * a> text go
 * a< eof
 * note [true,false,false,1004,false,1004]
 * note closed 1 -1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $fd = $frame->fd;
    note([
        $server->close($fd), $server->exist($fd), $server->push($fd, 'x'), $server->getLastError(), $server->close($fd),
        $server->getLastError(),
    ]);
});
$server->on('close', function ($server, $fd, $reactor) {
    note('closed', $fd, $reactor);
});
$server->start();
