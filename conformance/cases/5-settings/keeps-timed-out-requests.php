<?php
/*
 * Without discard_timeout_request, what a client said before it left is handled.
 *
 * open a /
 * a> text slow
 * note slow
 * a> text kept
 * drop a
 * note kept
 */
require __DIR__ . '/conform.php';
$server = server(['dispatch_mode' => 3, 'discard_timeout_request' => false]);
$server->on('message', function ($server, $frame) {
    note($frame->data);
    if ($frame->data === 'slow') {
        usleep(300000);
    }
});
$server->start();
