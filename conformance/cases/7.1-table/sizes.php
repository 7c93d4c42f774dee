<?php
/*
 * The size is rounded up to a power of two, at least 64.
 *
 * open a /
 * a> text go
 * a< text [1024,64,128]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    return array_map(function ($size) {
        $table = new Swoole\Table($size);
        $table->column('n', Swoole\Table::TYPE_INT);
        $table->create();
        return $table->getSize();
    }, [1000, 0, 65]);
});
$server->start();
