<?php
/*
 * An empty close frame is delivered with code 1000 and no reason, and echoed empty.
 *
 * open a /
 * a> close
 * a< close
 * a< eof
 * note 1000 ""
 */
require __DIR__ . '/conform.php';
$server = server(['open_websocket_close_frame' => true]);
$server->on('message', function ($server, $frame) {
    note($frame->code, json_encode($frame->reason));
});
$server->start();
