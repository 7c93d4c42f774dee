<?php
/*
 * Daemonize.
 *
 * differs: daemonize, user and their kin do nothing: a service manager runs the bridge; the log says so
 * log daemonize
 * open a /
 * a> text x
 * a< text null
 */
require __DIR__ . '/conform.php';
$server = server(['daemonize' => true, 'pid_file' => __DIR__ . '/server.pid', 'reactor_num' => 2, 'open_cpu_affinity' => 1]);
answers($server, function () {
    return null;
});
$server->start();
