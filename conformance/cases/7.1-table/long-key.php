<?php
/*
 * A key over 63 bytes is warned of and stored; it is found by itself, shows its first 63 bytes, and is not found by them.
 *
 * open a /
 * a> text set
 * a< text ~ ^"?true \| key\[x{64}\] is too long \| 503
 * a> text find
 * a< text [1,true,false,false,["63 1"],true,0]
 * a> text incr
 * a< text ~ ^"?1 \| key\[x{64}\] is too long \| 503
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
answers($server, function ($server, $frame) use ($table) {
    $key = str_repeat('x', 64);
    if ($frame->data === 'set') {
        return $table->set($key, ['n' => 1]);
    }
    if ($frame->data === 'incr') {
        return $table->incr($key, 'n');
    }
    $seen = [];
    foreach ($table as $name => $row) {
        $seen[] = strlen($name) . ' ' . $row['n'];
    }
    $short = substr($key, 0, 63);
    return [$table->get($key, 'n'), $table->exists($key), $table->exists($short), $table->get($short), $seen, $table->del($key), count($table)];
});
$server->start();
