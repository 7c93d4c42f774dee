<?php

go(function () {
    Co::sleep(0.001);
});
$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$server->on('message', 'strlen');
$server->start();
