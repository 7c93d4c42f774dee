<?php

use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

$server = new Server('0.0.0.0', 9501);
$server->on('message', function (Server $server, Frame $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
