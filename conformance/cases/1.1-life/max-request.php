<?php
/*
 * max_request: the worker is replaced after so many events; connections stay.
 *
 * mode resident
 * open a /
 * a> text x
 * a< text 1
 * a> text x
 * a< text 2
 * note stop
 * a> text x
 * a< text 1
 * a> text x
 * a< text 2
 * a> text x
 * a< text 3
 * note stop
 * a> text x
 * a< text 1
 */
require __DIR__ . '/conform.php';
$server = server(['max_request' => 3]);
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
