<?php
/*
 * discard_timeout_request: what a client said before it left is not handled, in modes that follow no order.
 *
 * differs: the extension has one worker here, whose pipe has the message already
 * open b /
 * open a /
 * a> text slow
 * note slow
 * a> text lost
 * drop a
 * wait 500ms
 * b> text hi
 * note hi
 */
require __DIR__ . '/conform.php';
$server = server(['dispatch_mode' => 3, 'discard_timeout_request' => true]);
$server->on('message', function ($server, $frame) {
    note($frame->data);
    if ($frame->data === 'slow') {
        usleep(300000);
    }
});
$server->start();
