<?php
/*
 * A key over 63 bytes is warned of.
 *
 * open a /
 * a> text go
 * a< text ~ \| key\[x+\] is too long
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
answers($server, function () use ($table) {
    return $table->set(str_repeat('x', 64), ['n' => 1]);
});
$server->start();
