<?php
/*
 * What set(), get(), incr() and decr() do with types: values, overflow, columns of strings, missing ones.
 *
 * open a /
 * a> text set
 * a< text [true,{"n":12,"f":1.5,"s":"1"},true,{"n":3,"f":7.0,"s":"1.5"},true,{"n":0,"f":0.0,"s":""}]
 * a> text array
 * a< text "true | Array to string conversion"
 * a> text count
 * a< text [1,2,3.5,3.25,-9223372036854775808,9223372036854775807,-5]
 * a> text string
 * a< text "false | can't execute 'incr' on a string type column | 503"
 * a> text down
 * a< text "false | can't execute 'incr' on a string type column | 503"
 * a> text unknown
 * a< text "false | column[none] does not exist | 503"
 * a> text keys
 * a< text [true,true,true,true,"5|5.5|1|",[9,9]]
 * a> text long
 * a< text [true,"c3a4c3b6c3bce282"]
 */
require __DIR__ . '/conform.php';
$server = server();
ini_set('serialize_precision', '-1');
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT, 1);
$table->column('f', Swoole\Table::TYPE_FLOAT);
$table->column('s', Swoole\Table::TYPE_STRING, 5);
$table->create();
function play(Swoole\Table $table, string $what)
{
    switch ($what) {
        case 'set':
            $all = [];
            foreach ([['12abc', '1.5x', true], [3.9, 7, 1.50], [null, null, null]] as [$n, $f, $s]) {
                $all[] = $table->set('c', ['n' => $n, 'f' => $f, 's' => $s, 'none' => 1]);
                $all[] = $table->get('c');
            }
            return $all;
        case 'array':
            return $table->set('c', ['s' => [1]]);
        case 'count':
            $table->set('m', ['n' => PHP_INT_MAX]);
            return [
                $table->incr('x', 'n', '1'), $table->incr('x', 'n', 1.9), $table->incr('x', 'f', 3.5), $table->decr('x', 'f', 0.25),
                $table->incr('m', 'n'), $table->decr('m', 'n'), $table->decr('new', 'n', 5),
            ];
        case 'string':
            return $table->incr('x', 's');
        case 'down':
            return $table->decr('x', 's');
        case 'unknown':
            return $table->incr('row', 'none');
        case 'keys':
            foreach (iterator_to_array($table) as $key => $row) {
                $table->del((string) $key);
            }
            $all = [];
            foreach ([5, 5.5, true, ''] as $key) {
                $all[] = $table->set($key, ['n' => 9]);
            }
            $names = [];
            foreach ($table as $key => $row) {
                $names[] = is_string($key) ? $key : gettype($key);
            }
            rsort($names, SORT_STRING);
            usort($names, function ($a, $b) {
                return array_search($a, ['5', '5.5', '1', '']) - array_search($b, ['5', '5.5', '1', '']);
            });
            return array_merge($all, [implode('|', $names), [$table->get('5', 'n'), $table->get('', 'n')]]);
        default:
            return [$table->set('s', ['s' => 'äöü€']), bin2hex($table->get('s', 's'))];
    }
}
$server->on('message', function ($server, $frame) use ($table) {
    $text = tried(function () use ($table, $frame) {
        return json_encode(play($table, $frame->data), JSON_PRESERVE_ZERO_FRACTION);
    });
    $server->push($frame->fd, json_decode($text) ?? strtr($text, ['"' => '']));
});
$server->start();
