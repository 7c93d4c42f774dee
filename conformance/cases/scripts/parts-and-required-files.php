<?php
/*
 * Files are required relative to the script in workerStart; a message goes out in parts with the old bool.
 *
 * open a /
 * a> text go
 * a< frame 01 hello_
 * a< frame 80 world
 */
file_put_contents(__DIR__ . '/words.php', '<?php return ["hello_", "world"];');
$server = new swoole_websocket_server('0.0.0.0', 9501);
$words = [];
$server->on('WorkerStart', function ($server, $id) {
    global $words;
    $words = require 'words.php';
});
$server->on('message', function ($server, $frame) {
    global $words;
    $server->push($frame->fd, $words[0], WEBSOCKET_OPCODE_TEXT, false);
    $server->push($frame->fd, $words[1], WEBSOCKET_OPCODE_CONTINUATION, true);
});
$server->start();
