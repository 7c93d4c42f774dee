<?php
/*
 * incr() and decr() make the row, and give the new value.
 *
 * open a /
 * a> text go
 * a< text [1,6,5,2.5,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->column('f', Swoole\Table::TYPE_FLOAT);
$table->create();
answers($server, function () use ($table) {
    return [$table->incr('k', 'n'), $table->incr('k', 'n', 5), $table->decr('k', 'n'), $table->incr('k', 'f', 2.5), $table->exists('k')];
});
$server->start();
