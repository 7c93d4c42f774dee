<?php
/*
 * max_request_grace: a worker may have up to so many events more, at least one.
 *
 * mode resident
 * open a /
 * a> text x
 * a< text 1
 * a> text x
 * a< text 2
 * a> text x
 * a< text 3
 * a> text x
 * a< text 4
 * note stop
 * a> text x
 * a< text 1
 */
require __DIR__ . '/conform.php';
$server = server(['max_request' => 4, 'max_request_grace' => 1]); // the open event is one, too
$server->on('workerStop', function () {
    note('stop');
});
$server->on('open', function () {
});
$server->on('message', function ($server, $frame) {
    static $n = 0;
    $server->push($frame->fd, (string) ++$n);
});
$server->start();
