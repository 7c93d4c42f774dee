<?php

// Pages (web/index.html) connect as ws://.../ws?user=ann; web/send.php and queue/job.php push to them from outside.
// nginx.conf has all of it behind one name.
//
//   fpmbridge serve examples/push-from-web/server.php --config examples/push-from-web/bridge.yaml

use FpmBridge\Gateway;
use Swoole\Http\Request;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

$server = new Server('127.0.0.1', 9501);

$server->on('open', function (Server $server, Request $request) {
    $gateway = Gateway::current();
    $gateway->join($request->fd, 'news');
    if (isset($request->get['user'])) {
        $gateway->bindUid($request->fd, $request->get['user']);
    }
    $server->push($request->fd, 'ready');
});

$server->on('message', function (Server $server, Frame $frame) {
});

$server->start();
