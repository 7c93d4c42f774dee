<?php
/*
 * open_websocket_close_frame delivers the close frame first; what it pushes does not reach the client any more.
 *
 * open a /
 * a> close 4001 going
 * a< close 4001 going
 * a< eof
 * note Swoole\WebSocket\CloseFrame 8 4001 going "" 33 true
 * note close 1 true
 */
require __DIR__ . '/conform.php';
$server = server(['open_websocket_close_frame' => true]);
$server->on('message', function ($server, $frame) {
    note(get_class($frame), $frame->opcode, $frame->code, $frame->reason, json_encode($frame->data), $frame->flags, $frame->finish);
});
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor >= 0);
});
$server->start();
