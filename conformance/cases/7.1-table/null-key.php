<?php
/*
 * null as key is the empty one, and PHP calls it deprecated.
 *
 * open a /
 * a> text x
 * a< text [false,false,false,true,3,{"n":3},true]
 */
require __DIR__ . '/conform.php';
error_reporting(E_ALL & ~E_DEPRECATED);
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
$server = server();
$server->on('message', function ($server, $frame) use ($table) {
    $users = [];
    $key = $users['nobody'] ?? null;
    $server->push($frame->fd, json_encode([
        $table->get($key), $table->exist($key), $table->del($key), $table->set($key, ['n' => 1]),
        $table->incr($key, 'n', 2), $table->get(''), $table->delete($key),
    ]));
});
$server->start();
