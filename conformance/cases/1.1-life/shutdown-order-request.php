<?php
/*
 * At shutdown comes beforeShutdown, while connections are there and can be pushed to; then managerStop and shutdown, in no
 * worker.
 *
 * differs: the close event of connections that were open comes, too, behind beforeShutdown
 * mode request
 * open a /
 * a> text hello
 * a< text hello
 * stop
 * a< text bye
 * note beforeShutdown -1 false [1]
 * note close 1 -1
 * note managerStop -1 false []
 * note shutdown -1 false []
 */
require __DIR__ . '/conform.php';
$server = server();
foreach (['beforeShutdown', 'managerStop', 'shutdown'] as $name) {
    $server->on($name, function (...$arguments) use ($name) {
        [$server] = $arguments;
        $fds = iterator_to_array($server->connections, false);
        foreach ($fds as $fd) {
            $server->push($fd, 'bye');
        }
        note($name, $server->worker_id, $server->getWorkerId(), $fds, ...array_slice($arguments, 1));
    });
}
$server->on('close', function ($server, $fd, $reactor) {
    note('close', $fd, $reactor);
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
