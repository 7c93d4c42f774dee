<?php
/*
 * disconnect() ends the connection whatever the code is: it is sent as 16 bits, without a look at its meaning.
 *
 * differs: 0 is no close frame, and a reason of 124 or 125 bytes is cut to the 123 that fit
 * open a /
 * a> text 403
 * a< close 403 "why"
 * a< eof
 * note [true,false,false]
 * open b /
 * b> text 70000
 * b< close 4464 "why"
 * b< eof
 * note [true,false,false]
 * open c /
 * c> text 0
 * c< eof
 * note [true,false,false]
 * open d /
 * d> text long
 * d< close 1008 ~ ^x{120}ü?$
 * d< eof
 * note [true,false,false]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $long = $frame->data === 'long';
    $code = $long ? 1008 : (int) $frame->data;
    $done = $server->disconnect($frame->fd, $code, $long ? str_repeat('x', 120) . 'üüx' : 'why');
    note([$done, $server->exist($frame->fd), $server->isEstablished($frame->fd)]);
});
$server->start();
