<?php
/*
 * stats_file has all that stats() has, in its order, as lines of "key: value" without a newline behind the last one.
 *
 * open a /
 * wait 300ms
 * a> text keys
 * a< text true
 * a> text connections
 * a< text 1
 */
require __DIR__ . '/conform.php';
$server = server(['stats_file' => __DIR__ . '/stats.log', 'stats_timer_interval' => 50, 'worker_num' => 1]);
$server->on('message', function ($server, $frame) {
    $file = [];
    foreach (explode("\n", file_get_contents(__DIR__ . '/stats.log')) as $line) {
        [$key, $value] = explode(': ', $line);
        $file[$key] = (int) $value;
    }
    $all = array_keys($file) === array_keys($server->stats());
    $server->push($frame->fd, $frame->data === 'keys' ? json_encode($all) : $file['connection_num']);
});
$server->start();
