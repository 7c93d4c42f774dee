<?php
/*
 * What the timer functions give: false and a warning below 1 ms, ids from 1, info, stats, list, clear, clearAll.
 *
 * mode resident
 * open a /
 * a> text low
 * a< text false | Timer must be greater than or equal to 1 | 503
 * a> text negative
 * a< text false | Timer must be greater than or equal to 1 | 503
 * a> text none
 * a< text [false,false,null,{"initialized":false,"num":0,"round":0},[]]
 * a> text some
 * a< text [1,2,"Swoole\\Timer\\Iterator",[1,2],[60000,0,0,false],[0,0,0,false],2,true,false,true,[],true,true]
 * a> text old
 * a< text [3,4,5,[3,4,5],true,true,false,true,false]
 * a> text wrong
 * a< text TypeError
 */
require __DIR__ . '/conform.php';
use Swoole\Timer;

$server = server();
function nothing(): void
{
}
function about(int $id): array
{
    $info = Timer::info($id);
    return [$info['interval'], $info['exec_count'], $info['round'] - Timer::stats()['round'], $info['removed']];
}
function ids(iterable $list): array
{
    $ids = iterator_to_array($list, false);
    sort($ids);
    return $ids;
}
$server->on('message', function ($server, $frame) {
    switch ($frame->data) {
        case 'low':
        case 'negative':
            $text = tried(function () use ($frame) {
                return $frame->data === 'low' ? Timer::after(0, 'nothing') : Timer::tick(-5, 'nothing');
            });
            break;
        case 'none':
            $text = json_encode([Timer::clear(7), Timer::exists(7), Timer::info(7), Timer::stats(), ids(Timer::list())]);
            break;
        case 'some':
            $all = [Timer::tick(60000, 'nothing'), Timer::after(60000, 'nothing')];
            $all = array_merge($all, [get_class(Timer::list()), ids(Timer::list()), about(1), about(2), Timer::stats()['num']]);
            $all = array_merge($all, [Timer::clear(1), Timer::clear(1), Timer::clearAll(), ids(Timer::list())]);
            $text = json_encode(array_merge($all, [Timer::clearAll(), Timer::stats()['initialized']]));
            break;
        case 'old':
            $all = [swoole_timer_tick(60000, 'nothing'), swoole_timer_after(60000, 'nothing'), $server->after(60000, 'nothing')];
            $all = array_merge($all, [ids(swoole_timer_list()), swoole_timer_exists(4), swoole_timer_clear(4)]);
            $all = array_merge($all, [swoole_timer_exists(4), swoole_timer_clear_all(), function_exists('swoole_timer_set')]);
            $text = json_encode($all);
            break;
        default:
            try {
                Timer::after(10, 'no such function');
                $text = 'taken';
            } catch (TypeError $e) {
                $text = get_class($e);
            }
    }
    $server->push($frame->fd, $text);
});
$server->start();
