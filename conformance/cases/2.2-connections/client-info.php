<?php
/*
 * getClientInfo() has these keys in this order for a WebSocket of worker 0.
 *
 * open a /
 * a> text go
 * a< text ["websocket_status","server_port","server_fd","socket_fd","socket_type","remote_port","remote_ip","reactor_id","connect_time","last_time","last_recv_time","last_send_time","last_dispatch_time","close_errno","recv_queued_bytes","send_queued_bytes"]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return array_keys($server->getClientInfo($frame->fd));
});
$server->start();
