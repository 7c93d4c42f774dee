<?php
/*
 * del() is false for what is not there; exist() and delete() are other names.
 *
 * open a /
 * a> text go
 * a< text [true,true,false,false,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
answers($server, function () use ($table) {
    $table->set('a', []);
    $table->set('b', ['n' => 1]);
    return [$table->exist('a'), $table->del('a'), $table->del('a'), $table->exists('a'), $table->delete('b')];
});
$server->start();
