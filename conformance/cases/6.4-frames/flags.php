<?php
/*
 * opcode, flags and finish of what comes: text, binary, empty, compressed, in fragments, control frames.
 *
 * open a /
 *   Sec-WebSocket-Extensions: permessage-deflate
 * a> text hi
 * note {"fd":1,"data":"hi","opcode":1,"flags":33,"finish":true}
 * a> binary ""
 * note {"fd":1,"data":"","opcode":2,"flags":33,"finish":true}
 * a> deflate times 3 x
 * note {"fd":1,"data":"xxx","opcode":1,"flags":39,"finish":true}
 * a> frame 01 a
 * a> ping p
 * note {"fd":1,"data":"p","opcode":9,"flags":33,"finish":true}
 * a> frame 00 b
 * a> frame 80 c
 * note {"fd":1,"data":"abc","opcode":1,"flags":33,"finish":true}
 * a> pong q
 * note {"fd":1,"data":"q","opcode":10,"flags":33,"finish":true}
 * a> close 1000
 * a< close 1000
 * a< eof
 * note {"fd":1,"data":"","opcode":8,"flags":33,"finish":true,"code":1000,"reason":""}
 */
require __DIR__ . '/conform.php';
$server = server([
    'websocket_compression' => true, 'open_websocket_ping_frame' => true, 'open_websocket_pong_frame' => true,
    'open_websocket_close_frame' => true,
]);
$server->on('message', function ($server, $frame) {
    note(json_encode($frame));
});
$server->start();
