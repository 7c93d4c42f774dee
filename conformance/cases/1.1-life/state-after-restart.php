<?php
/*
 * What belongs to a connection outlives its worker: it is established, bound, protected, in the list; onClose comes once.
 *
 * mode resident
 * open a /
 * a> text bind
 * a< text true
 * a> text stop
 * note stop
 * a> text info
 * a< text [true,7,3,[1],false]
 * a> close 1000
 * note close 1
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStop', function () {
    note('stop');
});
$server->on('close', function ($server, $fd) {
    note('close', $fd);
});
$server->on('message', function ($server, $frame) {
    $fd = $frame->fd;
    if ($frame->data === 'stop') {
        $server->stop();
        return;
    }
    if ($frame->data === 'bind') {
        $server->push($fd, json_encode($server->bind($fd, 7)));
        return;
    }
    $info = $server->getClientInfo($fd);
    $server->push($fd, json_encode([
        $server->isEstablished($fd), $info['uid'], $info['websocket_status'], $server->getClientList(), $server->bind($fd, 8),
    ]));
});
$server->start();
