<?php
/*
 * destroy() frees a table for all: what uses it afterwards is a fatal error.
 *
 * open a /
 * a> text destroy
 * note true
 * a> text get
 * log table is not created or has been destroyed
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
$server->on('message', function ($server, $frame) use ($table) {
    if ($frame->data === 'destroy') {
        note($table->destroy());
        return;
    }
    note($table->get('k'));
});
$server->start();
