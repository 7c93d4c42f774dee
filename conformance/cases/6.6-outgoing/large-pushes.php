<?php
/*
 * Some MB at once wait for a client that reads: nobody is sent away below socket_buffer_size, which is 8M.
 *
 * open a /
 * a> text go
 * wait 300ms
 * a< text times 2097152 x
 * a< text times 2097152 x
 * a< text times 2097152 x
 * a< text end
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    for ($i = 0; $i < 3; $i++) {
        $server->push($frame->fd, str_repeat('x', 2 << 20));
    }
    $server->push($frame->fd, 'end');
});
$server->start();
