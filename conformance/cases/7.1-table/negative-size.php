<?php
/*
 * A size below 0 is far too large: create() is the fatal error, not the constructor.
 *
 * open a /
 * a> text go
 * note 2147483648 0
 * log unable to allocate memory
 * open b /
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
    $table = new Swoole\Table(-1);
    $table->column('n', Swoole\Table::TYPE_INT);
    note($table->getSize(), $table->getMemorySize());
    $table->create();
    note('never');
});
$server->start();
