<?php
/*
 * What workerStart requires is new code after reload().
 *
 * mode resident
 * open a /
 * a> text x
 * a< text first
 * a> text reload
 * a< text reloading
 * note stop
 * a> text x
 * a< text second
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStart', function ($server) {
    $file = __DIR__ . '/answer.php';
    if (!is_file($file)) {
        file_put_contents($file, '<?php return "first";');
    }
    $server->answer = require $file;
});
$server->on('workerStop', function () {
    note('stop');
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'reload') {
        file_put_contents(__DIR__ . '/answer.php', '<?php return "second";');
        $server->push($frame->fd, 'reloading');
        $server->reload();
        return;
    }
    $server->push($frame->fd, $server->answer);
});
$server->start();
