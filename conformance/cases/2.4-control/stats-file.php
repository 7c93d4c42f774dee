<?php
/*
 * stats_file has all that stats() has, in its order, as lines of "key: value" without a newline behind the last one.
 *
 * open a /
 * a> text keys
 * a< text true
 */
require __DIR__ . '/conform.php';
$server = server(['stats_file' => __DIR__ . '/stats.log', 'stats_timer_interval' => 50, 'worker_num' => 1]);
$server->on('message', function ($server, $frame) {
    do { // until it knows of the connection
        Co::sleep(0.01);
        $file = [];
        foreach (explode("\n", (string) @file_get_contents(__DIR__ . '/stats.log')) as $line) {
            [$key, $value] = explode(': ', $line) + ['', ''];
            $file[$key] = $value;
        }
    } while (($file['connection_num'] ?? '') !== '1');
    $server->push($frame->fd, json_encode(array_keys($file) === array_keys($server->stats())));
});
$server->start();
