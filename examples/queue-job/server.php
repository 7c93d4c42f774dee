<?php

// A page asks for something that takes long; cli/worker.php does it, and pushes the result to the page.
//
//   fpmbridge serve examples/queue-job/server.php --config examples/queue-job/bridge.yaml
//   php examples/queue-job/cli/worker.php

use Swoole\Http\Request;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

$server = new Server('127.0.0.1', 9501);
$server->set([
    'document_root' => __DIR__ . '/public',
    'enable_static_handler' => true,
]);

$server->on('open', function (Server $server, Request $request) {
    $server->push($request->fd, 'ready');
});

$server->on('message', function (Server $server, Frame $frame) {
    $range = ['min_range' => 2, 'max_range' => 10 ** 13];
    $number = filter_var($frame->data, FILTER_VALIDATE_INT, ['options' => $range]);
    if ($number === false) {
        $server->push($frame->fd, 'Send a whole number from 2 to 10,000,000,000,000.');
        return;
    }
    // The queue is a folder here; yours is Redis, a database table, RabbitMQ. What the worker needs is the fd.
    $queue = getenv('QUEUE') ?: sys_get_temp_dir() . '/fpmbridge-queue';
    @mkdir($queue, 0700, true);
    $job = tempnam($queue, 'new');
    file_put_contents($job, json_encode(['fd' => $frame->fd, 'number' => $number]));
    rename($job, "$job.job");
    $server->push($frame->fd, "$number is in the queue");
});

$server->start();
