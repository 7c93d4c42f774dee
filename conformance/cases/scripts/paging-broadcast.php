<?php
/*
 * A broadcast by connection_list() and connection_info(), as 1.x scripts have it.
 *
 * open a /
 * open b /
 * tcp c
 * c GET /
 * status 200
 * a> text all
 * a< text 1: all
 * b< text 1: all
 */
$serv = new swoole_websocket_server('0.0.0.0', 9501);
$serv->on('request', function ($req, $res) {
    $res->end('page');
});
$serv->on('message', function ($serv, $frame) {
    $start_fd = 0;
    while (true) {
        $conn_list = $serv->connection_list($start_fd, 10);
        if ($conn_list === false or count($conn_list) === 0) {
            break;
        }
        $start_fd = end($conn_list);
        foreach ($conn_list as $fd) {
            $info = $serv->connection_info($fd);
            if (isset($info['websocket_status']) && $info['websocket_status'] == WEBSOCKET_STATUS_FRAME) {
                $serv->push($fd, "{$frame->fd}: {$frame->data}");
            }
        }
    }
});
$serv->start();
