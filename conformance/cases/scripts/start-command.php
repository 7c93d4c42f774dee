<?php
/*
 * A script with start and stop is tried with start; it refuses to start while its pid file names a process that lives, and writes that file when it has started.
 *
 * open a /
 * a> text x
 * a< text x
 * log started
 * a> text pid
 * a< text 1
 * a> text x
 * a< text x
 * no log already
 */
require __DIR__ . '/conform.php';

const PID_FILE = __DIR__ . '/server.pid';

function running()
{
    return is_file(PID_FILE) && posix_kill((int) file_get_contents(PID_FILE), 0);
}

switch ($argv[1] ?? '') {
    case 'start':
        if (running()) {
            exit("already running\n");
        }
        @unlink(PID_FILE);
        $server = server();
        $server->on('start', function ($server) {
            file_put_contents(PID_FILE, $server->master_pid);
            echo "started\n";
        });
        $server->on('message', function ($server, $frame) {
            $server->push($frame->fd, $frame->data === 'pid' ? (int) running() : $frame->data);
        });
        $server->start();
        break;
    default:
        echo "usage: {$argv[0]} start|stop\n";
}
