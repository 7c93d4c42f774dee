<?php
/*
 * A send() over output_buffer_size is false and 1203.
 *
 * open a /
 * a> text go
 * a< text ~ ^false.*1203$
 */
require __DIR__ . '/conform.php';
$server = server(['buffer_output_size' => 65536]);
answers($server, function ($server, $frame) {
    return @$server->send($frame->fd, str_repeat('x', 70000));
});
$server->start();
