<?php
/*
 * Values are converted: '12abc' is 12, null 0 or '', true 1 or '1'.
 *
 * open a /
 * a> text go
 * a< text [{"n":12,"s":"12"},{"n":0,"s":""},{"n":1,"s":"1"}]
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->column('s', Swoole\Table::TYPE_STRING, 8);
$table->create();
answers($server, function () use ($table) {
    $rows = [];
    foreach (['12abc' => 12, 'null' => null, 'true' => true] as $key => $value) {
        $table->set($key, ['n' => $key === '12abc' ? $key : $value, 's' => $value]);
        $rows[] = $table->get($key);
    }
    return $rows;
});
$server->start();
