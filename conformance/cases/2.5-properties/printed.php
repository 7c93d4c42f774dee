<?php
/*
 * What print_r() and var_dump() show of a server and its like is the script's: properties and callbacks, nothing of the inside.
 *
 * open a /
 * a> text server
 * a< text [true,true,true,true]
 * a> text others
 * a< text [true,true,true,true,true,true]
 * a> text mine
 * a< text [true,true]
 * GET /
 * body true
 */
require __DIR__ . '/conform.php';
class Rooms extends Swoole\WebSocket\Server
{
    public $rooms = ['lobby'];
    private $secret = 'of the script';
}
$server = new Rooms('127.0.0.1', 9501, SWOOLE_PROCESS);
$server->set(['worker_num' => 1]);
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
$atomic = new Swoole\Atomic(1);
$lock = new Swoole\Lock();
function printed($what): string
{
    ob_start();
    print_r($what);
    var_dump($what);
    return ob_get_clean();
}
function isShort($what): bool
{
    $text = printed($what);
    return strlen($text) < 20000 && stripos($text, 'fpmbridge') === false && stripos($text, 'token') === false;
}
answers($server, function ($server, $frame) use ($table, $atomic, $lock) {
    switch ($frame->data) {
        case 'server':
            $text = printed($server);
            return [
                isShort($server), strpos($text, '[setting] =>') !== false, strpos($text, '[host] => 127.0.0.1') !== false,
                strpos($text, 'Swoole\Connection\Iterator Object') !== false,
            ];
        case 'others':
            return array_map('isShort', [$table, $atomic, $lock, $server->connections, $server->ports[0], $frame]);
    }
    $text = printed($server);
    return [strpos($text, 'lobby') !== false, strpos($text, 'of the script') !== false];
});
$server->on('request', function ($request, $response) {
    $response->end(json_encode(isShort($response) && isShort($request)));
});
$server->start();
