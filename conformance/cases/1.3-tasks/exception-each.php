<?php
/*
 * An exception in task, finish and receive: the log says what and where, others are untouched.
 *
 * differs: an exception fails its event only (in resident mode its worker is replaced)
 * ports 2
 * open a /
 * open b /
 * a> text bad task
 * a< text bad task
 * log RuntimeException: thrown in task
 * b> text alive
 * b< text alive
 * a> text bad finish
 * a< text bad finish
 * log RuntimeException: thrown in finish
 * b> text alive
 * b< text alive
 * a> text bad receive
 * a< text bad receive
 * tcp t:2
 * t> raw hello
 * log RuntimeException: thrown in receive
 * b> text alive
 * b< text alive
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
function bad(string $where): void
{
    if (is_file(__DIR__ . '/bad') && file_get_contents(__DIR__ . '/bad') === $where) {
        unlink(__DIR__ . '/bad');
        throw new RuntimeException("thrown in $where");
    }
}
$port = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
$port->set(['open_websocket_protocol' => false, 'open_http_protocol' => false]);
$port->on('receive', function ($server, $fd, $reactor, $data) {
    bad('receive');
});
$server->on('task', function ($server, $id, $worker, $data) {
    bad('task');
    return $data;
});
$server->on('finish', function ($server, $id, $data) {
    bad('finish');
});
$server->on('message', function ($server, $frame) {
    if (substr($frame->data, 0, 4) === 'bad ') {
        file_put_contents(__DIR__ . '/bad', substr($frame->data, 4));
        $server->task($frame->data);
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
