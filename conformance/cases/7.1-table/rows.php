<?php
/*
 * set() adds and changes rows, get() reads them or a field; what is missing is false.
 *
 * open a /
 * a> text go
 * a< text [true,{"name":"bob","age":0,"score":0},true,{"name":"bob","age":7,"score":1.5},"bob",7,false,false,false]
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(1024);
$table->column('name', Swoole\Table::TYPE_STRING, 16);
$table->column('age', Swoole\Table::TYPE_INT);
$table->column('score', Swoole\Table::TYPE_FLOAT);
$table->create();
answers($server, function () use ($table) {
    $all = [$table->set('a', ['name' => 'bob', 'unknown' => 1]), $table->get('a'), $table->set('a', ['age' => 7, 'score' => 1.5]), $table->get('a')];
    return array_merge($all, [$table->get('a', 'name'), $table->get('a', 'age'), $table->get('b'), $table->get('a', 'none'), $table->get('b', 'age')]);
});
$server->start();
