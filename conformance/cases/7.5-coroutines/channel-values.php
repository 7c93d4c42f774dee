<?php
/*
 * Channel: capacity, stats, errCode, what is in it after close(), who is woken in which order.
 *
 * open a /
 * a> text sizes
 * a< text [1,1,3,true,false,0]
 * a> text stats
 * a< text [true,true,1,{"consumer_num":0,"producer_num":0,"queue_num":1},false,-1,"x",0,false,-1]
 * a> text close
 * a< text [true,false,-2,1,0,false,-2,0]
 * a> text order
 * a< text p0 p1 c0 p2 c1 c2
 * a> text waiting
 * a< text [{"consumer_num":1,"producer_num":0,"queue_num":0},{"consumer_num":0,"producer_num":1,"queue_num":1}]
 * a> text woken
 * a< text [false,-2]
 * a> text shown
 * a< text {"capacity":1,"errCode":-1}
 * a> text falsy
 * a< text [null,false,0]
 */
require __DIR__ . '/conform.php';
use Swoole\Coroutine\Channel;

$server = server();
function play(string $what)
{
    $c = new Channel(1);
    switch ($what) {
        case 'sizes':
            $three = new Channel(3);
            return [(new Channel(0))->capacity, (new Channel(-5))->capacity, $three->capacity, $three->isEmpty(), $three->isFull(), $three->length()];
        case 'stats':
            $all = [$c->push('x'), $c->isFull(), $c->length(), $c->stats(), $c->push('y', 0.01), $c->errCode];
            return array_merge($all, [$c->pop(), $c->errCode, $c->pop(0.01), $c->errCode]);
        case 'close':
            $c->push(1);
            return [$c->close(), $c->push(2), $c->errCode, $c->pop(), $c->errCode, $c->pop(), $c->errCode, $c->length()];
        case 'order':
            $order = [];
            go(function () use ($c, &$order) {
                for ($i = 0; $i < 3; $i++) {
                    $c->push($i);
                    $order[] = "p$i";
                }
            });
            for ($i = 0; $i < 3; $i++) {
                $order[] = 'c' . $c->pop();
            }
            return implode(' ', $order);
        case 'waiting':
            go(function () use ($c) {
                $c->pop();
            });
            $stats = [$c->stats()];
            $c->push('x');
            go(function () use ($c) {
                $c->push(1);
                $c->push(2);
            });
            $stats[] = $c->stats();
            $c->pop();
            $c->pop();
            return $stats;
        case 'woken':
            $all = [];
            go(function () use ($c, &$all) {
                $all = [$c->pop(), $c->errCode];
            });
            $c->close();
            return $all;
        case 'shown':
            $c->pop(0.001);
            preg_match_all('/\[(\S+)\] => (\S+)/', print_r($c, true), $found);
            return array_map('intval', array_combine($found[1], $found[2]));
        default:
            $two = new Channel(2);
            $two->push(null);
            $two->push(false);
            return [$two->pop(), $two->pop(), $two->errCode];
    }
}
$server->on('message', function ($server, $frame) {
    $answer = play($frame->data);
    $server->push($frame->fd, is_string($answer) ? $answer : json_encode($answer));
});
$server->start();
