<?php
/*
 * The values of getClientInfo() and their types.
 *
 * open a /
 * a> text go
 * a< text [3,true,1,"127.0.0.1",true,true,true,0,0]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    $i = $server->getClientInfo($frame->fd);
    return [
        $i['websocket_status'], $i['server_port'] > 0 && $i['remote_port'] > 0, $i['socket_type'], $i['remote_ip'],
        is_int($i['connect_time']) && time() - $i['connect_time'] < 20, is_int($i['last_time']), is_float($i['last_recv_time']),
        $i['close_errno'], $i['send_queued_bytes'],
    ];
});
$server->start();
