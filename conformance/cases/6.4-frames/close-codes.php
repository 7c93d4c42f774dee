<?php
/*
 * Each close code that may be sent is echoed with its reason, up to the longest one; the callback gets code and reason.
 *
 * open a /
 * a> close 1001 away
 * a< close 1001 away
 * a< eof
 * note 1001 4
 * open b /
 * b> close 1011 ""
 * b< close 1011
 * b< eof
 * note 1011 0
 * open c /
 * c> close 1014 ü
 * c< close 1014 ü
 * c< eof
 * note 1014 2
 * open d /
 * d> close 3000 times 123 x
 * d< close 3000 times 123 x
 * d< eof
 * note 3000 123
 * open e /
 * e> close 4999 x
 * e< close 4999 x
 * e< eof
 * note 4999 1
 */
require __DIR__ . '/conform.php';
$server = server(['open_websocket_close_frame' => true]);
$server->on('message', function ($server, $frame) {
    note($frame->code, strlen($frame->reason));
});
$server->start();
