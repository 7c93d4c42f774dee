<?php
/*
 * What onTask, onFinish and onPipeMessage get; a task of the master has source -1, and nobody gets its result.
 *
 * open a /
 * note task 0 -1 "of the master" false
 * a> text go
 * a< text 0
 * note task server integer integer array
 * note finish server integer string
 * a> text tell
 * a< text 1
 * note pipe server integer object
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
$types = function (string $event, array $arguments) use ($server): void {
    note($event, ...array_map(function ($argument) use ($server) {
        return $argument === $server ? 'server' : gettype($argument);
    }, $arguments));
};
$server->on('start', function ($server) {
    $server->task('of the master');
});
$server->on('task', function (...$arguments) use ($types) {
    [$server, $id, $source, $data] = $arguments;
    if ($source < 0) {
        note('task', $id, $source, json_encode($data), $server->finish('nobody'));
        return null;
    }
    if ($data === ['tell']) {
        $server->sendMessage(new ArrayObject([1]), 0);
        return null;
    }
    $types('task', $arguments);
    return 'done';
});
$server->on('finish', function (...$arguments) use ($types) {
    $types('finish', $arguments);
});
$server->on('pipeMessage', function (...$arguments) use ($types) {
    $types('pipe', $arguments);
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $server->task([$frame->data]));
});
$server->start();
