<?php
/*
 * Closures and objects cannot be stored: strings of them are an Error, numbers of them a warning and 1.
 *
 * open a /
 * a> text closure
 * a< text "Error 0: Object of class Closure could not be converted to string"
 * a> text object
 * a< text "Error 0: Object of class stdClass could not be converted to string"
 * a> text stringable
 * a< text ~ ^true
 * a> text get
 * a< text {"n":7,"s":"I am"}
 * a> text number
 * a< text "true | Object of class Closure could not be converted to int"
 * a> text get
 * a< text {"n":1,"s":"I am"}
 * a> text array
 * a< text "true | Array to string conversion"
 * a> text get
 * a< text {"n":1,"s":"Array"}
 * a> text count
 * a< text 1
 */
require __DIR__ . '/conform.php';
$server = server();
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->column('s', Swoole\Table::TYPE_STRING, 16);
$table->create();
$things = [
    'closure' => ['s' => function () {
    }],
    'object' => ['s' => new stdClass()],
    'stringable' => ['n' => '7', 's' => new class {
        public function __toString(): string
        {
            return 'I am';
        }
    }],
    'number' => ['n' => function () {
    }],
    'array' => ['s' => [1, 2]],
];
answers($server, function ($server, $frame) use ($table, $things) {
    if ($frame->data === 'get') {
        return $table->get('row');
    }
    if ($frame->data === 'count') {
        $table->del('other');
        return $table->count();
    }
    return $table->set(in_array($frame->data, ['closure', 'object'], true) ? 'other' : 'row', $things[$frame->data]);
});
$server->start();
