<?php

// A script for the SDK under Swoole's names; the payload says what is to happen.

use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

$server = new Server('0.0.0.0', 9501);
$server->set(['worker_num' => 2]);
$server->on('open', function (Server $server, $request) {
    $server->push($request->fd, 'welcome ' . $request->get['room'] . ' ' . $request->cookie['theme'] . ' ' . $request->server['remote_addr']);
});
$server->on('message', function (Server $server, Frame $frame) {
    switch (strtok($frame->data, ' ')) {
        case 'echo':
            $server->push($frame->fd, $frame->data, $frame->opcode);
            break;
        case 'all':
            foreach ($server->connections as $fd) {
                $server->push($fd, 'to all');
            }
            break;
        case 'ask':
            $info = $server->getClientInfo($frame->fd);
            $server->push($frame->fd, json_encode([
                $server->exists($frame->fd), $server->isEstablished(999), $info['remote_ip'], count($server->connections),
                $server->getClientList(0, 2),
            ]));
            break;
        case 'print':
            echo 'printed';
            echo $undefined;
            break;
        case 'throw':
            $server->push($frame->fd, 'never sent');
            throw new RuntimeException('boom');
        case 'exit':
            $server->push($frame->fd, 'last words');
            exit;
        case 'die':
            posix_kill(getmypid(), 9);
            break;
        case 'sleep':
            sleep(30);
            break;
        case 'close':
            $server->disconnect($frame->fd, 4001, 'bye');
            break;
    }
});
$server->on('close', function (Server $server, int $fd, int $reactor) {
    echo "closed $fd $reactor";
});
$server->start();
