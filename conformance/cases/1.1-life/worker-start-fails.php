<?php
/*
 * A worker that fails in workerStart loses no event: the next one that starts has it.
 *
 * mode resident
 * differs: Swoole restarts such a worker at once and for ever; here the next one comes after a pause
 * open a /
 * a> text hello
 * a< text hello after 3
 * log RuntimeException: the database is not there yet
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('workerStart', function ($server) {
    $server->starts = 1 + (int) @file_get_contents(__DIR__ . '/starts');
    file_put_contents(__DIR__ . '/starts', $server->starts);
    if ($server->starts < 3) {
        throw new RuntimeException('the database is not there yet');
    }
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, "$frame->data after $server->starts");
});
$server->start();
