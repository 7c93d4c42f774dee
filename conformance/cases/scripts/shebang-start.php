#!/usr/bin/env php
<?php
/*
 * A script that can be executed itself and has commands: its first line is left out, and so is the pid file of the server that runs.
 *
 * open a /
 * a> text x
 * a< text Commands
 * log started
 * log pid file
 * a> text x
 * a< text Commands
 * no log already
 * no log env php
 */
declare(strict_types=1);

namespace Commands;

use Swoole\WebSocket\Server;

require __DIR__ . '/conform.php';

const PID_FILE = __DIR__ . '/server.pid';

if (($argv[1] ?? '') !== 'start') {
    exit("usage: {$argv[0]} start|stop\n");
}
if (is_file(PID_FILE) && \posix_kill((int) file_get_contents(PID_FILE), 0)) {
    exit("already running\n");
}
$server = new Server('0.0.0.0', 9501);
$server->set(['pid_file' => PID_FILE]);
$server->on('start', function (): void {
    echo "started\n";
});
$server->on('message', function (Server $server, $frame): void {
    $server->push($frame->fd, __NAMESPACE__);
    for ($n = 0; !is_file(PID_FILE) && $n < 500; $n++) { // the server writes it beside the first events
        usleep(10000);
        clearstatcache();
    }
    echo $n < 500 ? 'pid file' : 'none', "\n";
});
$server->start();
