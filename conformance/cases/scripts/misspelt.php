<?php
/*
 * Misspelt settings and events: what is right works, what is wrong is named in the log.
 *
 * log work_num
 * log colse
 * open a /
 * a> text x
 * a< text x
 * a> close 1000
 * a< close 1000
 * a< eof
 */
$server = new swoole_websocket_server("0.0.0.0", 9501);
$server->set(array('work_num' => 4, 'heartbeat_ilde_time' => 60));
$server->on('open', function ($server, $req) {
    echo "connection open: {$req->fd}\n";
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->on('colse', function ($server, $fd) {
    echo "connection close: {$fd}\n";
});
$server->start();
