<?php
/*
 * Array access writes and reads a row.
 *
 * differs: it is gone since Swoole 4.7; older scripts have it
 *
 * open a /
 * a> text go
 * a< text [7,true,false]
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
answers($server, function () use ($table) {
    $table['k'] = ['n' => 1];
    $table['k']['n'] = 7;
    return [$table['k']['n'], isset($table['k']), isset($table['other'])];
});
$server->start();
