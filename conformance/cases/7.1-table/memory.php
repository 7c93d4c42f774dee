<?php
/*
 * Sizes in bytes and slices; size and memorySize are null and getMemorySize() 0 before create(); no ArrayAccess to null.
 *
 * open a /
 * a> text before
 * a< text [128,0,null,null]
 * a> text 64 0.2
 * a< text [64,1488,64,1488,12]
 * a> text 64 0
 * a< text [64,1488,64,1488,12]
 * a> text 64 1
 * a< text [64,7728,64,7728,64]
 * a> text 64 9
 * a< text [64,7728,64,7728,64]
 * a> text 1000 0.2
 * a< text [1024,24528,1024,24528,204]
 * a> text recursive
 * a< text [1,1,3]
 * a> text late
 * a< text "false | unable to add column after table has been created | 503"
 * a> text unknown
 * a< text false
 * log unknown column type
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    $table = new Swoole\Table(100);
    if ($frame->data === 'before') {
        return [$table->getSize(), $table->getMemorySize(), $table->size, $table->memorySize];
    }
    if ($frame->data === 'unknown') {
        return $table->column('x', 99, 8);
    }
    if ($frame->data === 'recursive' || $frame->data === 'late') {
        foreach (['a', 'b', 'c'] as $name) {
            $table->column($name, Swoole\Table::TYPE_INT);
        }
        $table->create();
        $table->set('k', []);
        return $frame->data === 'late'
            ? $table->column('d', Swoole\Table::TYPE_INT)
            : [count($table), $table->count(COUNT_NORMAL), $table->count(COUNT_RECURSIVE)];
    }
    [$size, $proportion] = explode(' ', $frame->data);
    $table = new Swoole\Table((int) $size, (float) $proportion);
    $table->column('n', Swoole\Table::TYPE_INT);
    $table->create();
    return [$table->getSize(), $table->getMemorySize(), $table->size, $table->memorySize, $table->stats()['total_slice_num']];
});
$server->start();
