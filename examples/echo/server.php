<?php

// Every message goes back to its sender. A Swoole script, unchanged: fpmbridge serve examples/echo/server.php

use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

$server = new Server('127.0.0.1', 9501);

$server->on('message', function (Server $server, Frame $frame) {
    $server->push($frame->fd, $frame->data, $frame->opcode);
});

$server->start();
