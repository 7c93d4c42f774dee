<?php
/*
 * stats() has its keys.
 *
 * open a /
 * a> text go
 * a< text ["num","conflict_count","conflict_max_level","insert_count","update_count","delete_count","available_slice_num","total_slice_num"]
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
answers($server, function () use ($table) {
    return array_keys($table->stats());
});
$server->start();
