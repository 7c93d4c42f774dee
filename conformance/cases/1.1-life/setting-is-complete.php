<?php
/*
 * In callbacks $server->setting has what start() adds, behind what the script set.
 *
 * open a /
 * a> text x
 * a< text {"daemonize":false,"worker_num":1,"task_worker_num":0,"output_buffer_size":4294967295,"max_connection":100000,"open_http_protocol":true,"open_websocket_protocol":true,"open_mqtt_protocol":false,"open_eof_check":false,"open_length_check":false}
 */
require __DIR__ . '/conform.php';
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501, SWOOLE_BASE);
$server->set(['daemonize' => false]);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, json_encode($server->setting));
});
$server->start();
