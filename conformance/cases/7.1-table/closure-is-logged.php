<?php
/*
 * A closure that is stored in a table fails its event, by file and line; others go on.
 *
 * differs: no other connection notices
 * open a /
 * open b /
 * a> text closure
 * log ~ Object of class Closure could not be converted to string.*line[= ]23
 * b> text hello
 * b< text hello
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('callback', Swoole\Table::TYPE_STRING, 16);
$table->create();
$server->on('message', function ($server, $frame) use ($table) {
    if ($frame->data === 'closure') {
        $callback = function () use ($server) {
            $server->push(1, 'never');
        };
        $table->set('key', ['callback' => $callback]);
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
