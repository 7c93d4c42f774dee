<?php
/*
 * swoole_table() makes a table from a list of columns.
 *
 * open a /
 * a> text go
 * a< text {"i":1,"title":"x","score":0.5}
 */
require __DIR__ . '/conform.php';
$server = server();
$table = swoole_table(64, 'i:i,title:s:64,score:f');
answers($server, function () use ($table) {
    $table->set('k', ['i' => 1, 'title' => 'x', 'score' => 0.5]);
    return $table->get('k');
});
$server->start();
