<?php
/*
 * Co\run around a server: Swoole refuses (an event loop is there).
 *
 * refuses eventLoop has already been created
 */
Co\run(function () {
    $server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
    $server->on('message', function ($server, $frame) { $server->push($frame->fd, $frame->data); });
    $server->start();
});
