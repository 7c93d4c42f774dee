<?php
/*
 * taskwait() gives the result, or false in time; onFinish hears nothing.
 *
 * open a /
 * a> text quick
 * a< text ~ ^"QUICK"$
 * a> text slow
 * a< text ~ ^false
 * a> text quick
 * a< text ~ ^"QUICK"$
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 2]);
answers($server, function ($server, $frame) {
    return $server->taskwait($frame->data, $frame->data === 'slow' ? 0.05 : 5);
});
$server->on('task', function ($server, $id, $source, $data) {
    if ($data === 'slow') {
        usleep(200000);
    }
    return strtoupper($data);
});
$server->on('finish', function ($server) {
    $server->push(1, 'finish');
});
$server->start();
