<?php
/*
 * after() without an id, exists(), info(), list(), stats(), clear(), clearAll(); all under their old names, too.
 *
 * mode resident
 * open a /
 * a> text after
 * a< text 1
 * a< text after x 1
 * a> text gone
 * a< text [false,null,false]
 * a> text info
 * a< text [true,["exec_msec","exec_count","interval","round","removed"],60000,0,false,[2],1]
 * a> text clear
 * a< text [true,false,0]
 * a> text all
 * a< text [2,true,0]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    switch ($frame->data) {
        case 'after':
            $answer = swoole_timer_after(20, function (...$arguments) use ($server, $frame) {
                $server->push($frame->fd, 'after ' . implode(' ', $arguments) . ' ' . count($arguments));
            }, 'x');
            break;
        case 'gone':
            $answer = [Swoole\Timer::exists(1), Swoole\Timer::info(1), swoole_timer_clear(1)];
            break;
        case 'info':
            $id = Swoole\Timer::tick(60000, function () {
            });
            $info = swoole_timer_info($id);
            $answer = [
                swoole_timer_exists($id), array_keys($info), $info['interval'], $info['exec_count'], $info['removed'],
                array_values(iterator_to_array(Swoole\Timer::list())), swoole_timer_stats()['num'],
            ];
            break;
        case 'clear':
            $answer = [Swoole\Timer::clear(2), Swoole\Timer::clear(2), Swoole\Timer::stats()['num']];
            break;
        default:
            swoole_timer_tick(1000, function () {
            });
            swoole_timer_tick(1000, function () {
            });
            $num = Swoole\Timer::stats()['num'];
            $answer = [$num, Swoole\Timer::clearAll(), Swoole\Timer::stats()['num']];
    }
    $server->push($frame->fd, json_encode($answer));
});
$server->start();
