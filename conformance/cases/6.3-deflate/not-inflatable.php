<?php
/*
 * Not inflatable.
 *
 * differs: data that cannot be inflated ends the connection with 1007; Swoole drops the message
 * open a /
 *   Sec-WebSocket-Extensions: permessage-deflate
 * a> frame c1 "\xff\xff\xff\xff"
 * a< close 1007 ~ .*
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server(['websocket_compression' => true]);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'never');
});
$server->start();
