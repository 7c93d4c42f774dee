<?php
/*
 * A task answers a request that onRequest detached.
 *
 * GET /
 * status 201
 * header X-Of: task
 * body from the task
 * note [true,true,false]
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) use ($server) {
    $response->detach();
    $server->task($request->fd);
});
$server->on('task', function ($server, $id, $source, $fd) {
    $response = Swoole\Http\Response::create($fd);
    $response->status(201);
    $response->header('X-Of', 'task');
    note([$response->isWritable(), $response->end('from the task'), $response->end('again')]);
});
$server->start();
