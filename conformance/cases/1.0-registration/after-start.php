<?php
/*
 * on() and set() after the start warn, and give false.
 *
 * open a /
 * a> text on
 * a< text ~ ^false \| .*server is running
 * a> text set
 * a< text ~ ^false \| .*server is running, unable to execute
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    if ($frame->data === 'set') {
        return $server->set(['worker_num' => 3]);
    }
    return $server->on('open', function () {
    });
});
$server->start();
