<?php
/*
 * A Table made before start() is there for all events and connections.
 *
 * open a /
 * open b /
 * a> text set
 * a< text true
 * b> text get
 * b< text ~ ^"from 1"$
 * drop a
 * note count 0
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('text', Swoole\Table::TYPE_STRING, 32);
$table->create();
answers($server, function ($server, $frame) use ($table) {
    return $frame->data === 'set' ? $table->set('k', ['text' => "from $frame->fd"]) : $table->get('k', 'text');
});
$server->on('close', function () use ($table) {
    $table->del('k');
    note('count', count($table));
});
$server->start();
