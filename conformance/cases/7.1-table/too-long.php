<?php
/*
 * A string over the column's size is cut; sizes are rounded up to eights.
 *
 * open a /
 * a> text go
 * a< text [true,"12345678"]
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('s', Swoole\Table::TYPE_STRING, 5);
$table->create();
answers($server, function () use ($table) {
    return [@$table->set('k', ['s' => '1234567890']), $table->get('k', 's')];
});
$server->start();
