<?php
/*
 * Users in a PHP array: works where PHP's memory stays.
 *
 * mode resident
 * open a /
 * a> text name ann
 * a< text hello ann
 * open b /
 * b> text who
 * b< text ann
 */
$server = new swoole_websocket_server('0.0.0.0', 9501);
$users = [];
$server->set(['worker_num' => 1]);
$server->on('message', function ($server, $frame) use (&$users) {
    if (strpos($frame->data, 'name ') === 0) {
        $users[$frame->fd] = substr($frame->data, 5);
        $server->push($frame->fd, "hello {$users[$frame->fd]}");
        return;
    }
    $server->push($frame->fd, implode(',', $users));
});
$server->on('close', function ($server, $fd) use (&$users) {
    unset($users[$fd]);
});
$server->start();
