<?php
/*
 * A timer keeps a worker that is told to stop: workerExit clears it, then workerStop comes and the worker is replaced.
 *
 * mode resident
 * open a /
 * a> text stop
 * a< text stopping
 * note exit 0 3 1
 * note stop 0
 * a> text hello
 * a< text hello
 */
require __DIR__ . '/conform.php';
$server = server(['max_wait_time' => 60]);
$server->on('workerExit', function ($server, $id) {
    note('exit', $id, $server->getWorkerStatus(), Swoole\Timer::stats()['num']);
    Swoole\Timer::clearAll();
});
$server->on('workerStop', function ($server, $id) {
    note('stop', $id);
});
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'stop') {
        Swoole\Timer::tick(3600000, function () {
        });
        $server->push($frame->fd, 'stopping');
        $server->stop();
        return;
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
