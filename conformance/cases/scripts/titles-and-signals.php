<?php
/*
 * Signals and titles in start, manager and worker.
 *
 * open a /
 * a> text x
 * a< text x
 */
use Swoole\Process;
$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$server->set(['pid_file' => __DIR__ . '/server.pid', 'log_file' => '/dev/null', 'hook_flags' => SWOOLE_HOOK_ALL]);
$server->on('start', function ($server) {
    swoole_set_process_name('php-ws: master');
    Process::signal(SIGINT, function () use ($server) { $server->shutdown(); });
    file_put_contents(__DIR__ . '/master.pid', $server->master_pid);
});
$server->on('managerStart', function ($server) { @cli_set_process_title('php-ws: manager'); });
$server->on('workerStart', function ($server, $id) {
    swoole_set_process_name("php-ws: worker $id");
    if (function_exists('cli_set_process_title')) { @cli_set_process_title("worker $id"); }
    Process::signal(SIGTERM, fn () => $server->stop());
});
$server->on('message', function ($server, $frame) { $server->push($frame->fd, $frame->data); });
$server->start();
