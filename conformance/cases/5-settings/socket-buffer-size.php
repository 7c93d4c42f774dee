<?php
/*
 * socket_buffer_size: more than that does not wait for a client that does not read.
 *
 * differs: that client is closed; in the extension push() waits, or fails
 * open a /
 * open b /
 * a> text go
 * note closed 1
 * b> text hello
 * b< text hello
 */
require __DIR__ . '/conform.php';
$server = server(['socket_buffer_size' => '1M', 'kernel_socket_send_buffer_size' => '64K']);
$server->on('message', function ($server, $frame) {
    if ($frame->data !== 'go') {
        $server->push($frame->fd, $frame->data);
        return;
    }
    for ($i = 0; $i < 7; $i++) {
        $server->push($frame->fd, str_repeat('x', 1000000));
    }
});
$server->on('close', function ($server, $fd) {
    note('closed', $fd);
});
$server->start();
