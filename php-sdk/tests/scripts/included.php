<?php

$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$server->set(['worker_num' => 2, 'package_max_length' => '2M']);
$server->on('open', function () {
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, json_encode(array_map('basename', get_included_files())));
});
$server->on('close', function () {
});
$server->start();
