<?php
/*
 * OpenSwoole's names of arguments, and a table of connections that are greeted.
 *
 * differs: the extension knows its own namespace only
 * open a /
 * a< text Welcome Client-1, there are 1 connections
 * open b /
 * a< text Client-2 is joining
 * b< text Welcome Client-2, there are 2 connections
 * b> text hello
 * a< text Client-2: hello
 * b< text sent
 */
use OpenSwoole\WebSocket\{Frame, Server};
use OpenSwoole\Constant;
use OpenSwoole\Http\Request;
use OpenSwoole\Table;

$server = new Server(host: '127.0.0.1', port: 9501, mode: Server::SIMPLE_MODE, sockType: Constant::SOCK_TCP);
$fds = new Table(1024);
$fds->column('fd', Table::TYPE_INT, 4);
$fds->column('name', Table::TYPE_STRING, 16);
$fds->create();

$server->on('Open', function (Server $server, Request $request) use ($fds) {
    $name = "Client-{$request->fd}";
    $fds->set((string) $request->fd, ['fd' => $request->fd, 'name' => $name]);
    foreach ($fds as $key => $row) {
        $text = $key == $request->fd ? "Welcome $name, there are {$fds->count()} connections" : "$name is joining";
        $server->push($row['fd'], $text);
    }
});
$server->on('Message', function (Server $server, Frame $frame) use ($fds) {
    $sender = $fds->get(strval($frame->fd), 'name');
    foreach ($fds as $key => $row) {
        $server->push(fd: $row['fd'], data: $key == $frame->fd ? 'sent' : "$sender: $frame->data", opcode: 1, flags: 1);
    }
});
$server->on('Close', function (Server $server, int $fd) use ($fds) {
    $fds->del((string) $fd);
});
$server->start();
