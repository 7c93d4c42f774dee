<?php
/*
 * OpenSwoole's namespace and constants.
 *
 * open a /?name=ann
 * a< text Welcome ann
 * a> text ping
 * a< text pong 1
 * a> binary "\x01\x02"
 * a< binary "\x01\x02"
 */
use OpenSwoole\WebSocket\Server;
use OpenSwoole\Http\Request;
use OpenSwoole\WebSocket\Frame;

$server = new Server("127.0.0.1", 9501);

$server->on("Start", function (Server $server) {
    echo "OpenSwoole WebSocket Server is started at http://127.0.0.1:9501\n";
});

$server->on('Open', function (Server $server, Request $request) {
    $server->push($request->fd, "Welcome {$request->get['name']}");
});

$server->on('Message', function (Server $server, Frame $frame) {
    if ($frame->opcode === Server::WEBSOCKET_OPCODE_BINARY) {
        $server->push($frame->fd, $frame->data, Server::WEBSOCKET_OPCODE_BINARY);
        return;
    }
    $server->push($frame->fd, "pong {$frame->fd}");
});

$server->on('Close', function (Server $server, int $fd) {
    echo "connection close: {$fd}\n";
});

$server->on('Disconnect', function (Server $server, int $fd) {
    echo "connection disconnect: {$fd}\n";
});

$server->start();
