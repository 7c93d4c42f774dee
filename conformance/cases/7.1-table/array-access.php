<?php
/*
 * Array access is gone, as in Swoole: it is an Error.
 *
 * open a /
 * a> text go
 * a< text ~ ^Error 0: Cannot use object of type Swoole\\Table as array
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
answers($server, function () use ($table) {
    return $table['k'];
});
$server->start();
