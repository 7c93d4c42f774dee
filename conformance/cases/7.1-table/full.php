<?php
/*
 * A full table is false.
 *
 * open a /
 * a> text go
 * a< text true
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
answers($server, function () use ($table) {
    for ($i = 0; $i < 1000; $i++) {
        if (@!$table->set("key$i", ['n' => $i])) {
            return $i >= 40;
        }
    }
    return 'never full';
});
$server->start();
