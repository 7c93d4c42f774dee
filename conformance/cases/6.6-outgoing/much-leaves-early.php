<?php
/*
 * A callback that blocks does not hold back all that it pushed before: much leaves at once.
 *
 * mode resident
 * open a /
 * a> text go
 * a< text times 70000 x
 * a< nothing
 * a< text y
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, str_repeat('x', 70000));
    $server->push($frame->fd, 'y');
    usleep(300000);
});
$server->start();
