<?php

$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$process = new Swoole\Process(static function ($process) use ($server): void {
    throw new LogicException('it runs');
});
$ids = [
    $server->addProcess($process),
    $server->addProcess(new Swoole\Process('strlen', false, 2, true)),
];
$server->on('message', static function ($server, $frame) use ($process, $ids): void {
    $ids[] = @$process->write('x');
    $ids[] = $process->pid;
    $server->push($frame->fd, json_encode($ids));
});
$server->start();
