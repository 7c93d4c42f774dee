<?php
/*
 * A Table is counted and iterated, by string keys.
 *
 * open a /
 * a> text go
 * a< text [{"1":{"n":1},"b":{"n":2}},2,2,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
answers($server, function () use ($table) {
    $table->set('1', ['n' => 1]);
    $table->set('b', ['n' => 2]);
    $all = [];
    $strings = true;
    foreach ($table as $key => $row) {
        $all[$key] = $row;
        $strings = $strings && is_string($key);
    }
    ksort($all, SORT_STRING);
    return [$all, count($table), $table->count(), $strings];
});
$server->start();
