<?php
/*
 * A full table takes changes of its rows, and says of others that there is no memory; a row that goes makes room.
 *
 * open a /
 * a> text fill
 * a< text true
 * log unable to allocate memory
 * a> text change
 * a< text true
 * a> text incr
 * a< text "false | unable to allocate memory | 503"
 * a> text again
 * a< text [true,true,12,12]
 * a> text while
 * a< text 0
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
answers($server, function ($server, $frame) use ($table) {
    switch ($frame->data) {
        case 'fill':
            for ($i = 0; $i < 1000 && @$table->set("key$i", ['n' => $i]); $i++) {
                continue;
            }
            return $i >= 40 && $i <= 76 && count($table) === $i;
        case 'change':
            return $table->set('key1', ['n' => 100]);
        case 'incr':
            return $table->incr('other', 'n');
        case 'again':
            $last = 'key' . (count($table) - 1);
            $gone = $table->del($last);
            return [$gone, $table->set($last, ['n' => 1]), $table->incr($last, 'n', 11), $table->stats()['total_slice_num']];
        default:
            foreach (range(1, 3) as $round) { // rows may be skipped in a round
                foreach ($table as $key => $row) {
                    $table->del($key);
                }
            }
            return count($table);
    }
});
$server->start();
