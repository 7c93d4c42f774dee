<?php
/*
 * permessage-deflate is answered without context takeover, and each message is compressed on its own.
 *
 * differs: what compression does not shorten is sent as it is
 *
 * open a /
 *   Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits
 * header Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover
 * a> deflate times 40 hello
 * a< deflate times 40 hello
 * a< text 39
 * a> text times 40 plain
 * a< deflate times 40 plain
 * a< text 33
 */
require __DIR__ . '/conform.php';
$server = server(['websocket_compression' => true]);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
    $server->push($frame->fd, (string) $frame->flags);
});
$server->start();
