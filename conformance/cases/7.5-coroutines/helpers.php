<?php
/*
 * WaitGroup, Barrier, batch, parallel, map, defer, join, yield and resume, cancel, the context, and what they refuse.
 *
 * open a /
 * a> text group
 * a< text [3,true,0,2,false,1,true]
 * a> text misuse
 * a< text BadMethodCallException WaitGroup misuse: negative counter
 * a> text barrier
 * a< text [3,null]
 * a> text batch
 * a< text [{"a":1,"b":2},{"a":1,"b":null},3,[2,4,6]]
 * a> text defer
 * a< text ["body","last","first"]
 * a> text resume
 * a< text ["a","main",true,"b"]
 * a> text join
 * a< text [true,false]
 * a> text cancel
 * a< text [true,[false,-3,true],false,10016]
 * a> text context
 * a< text [5,5,"none",null]
 * a> text parents
 * a< text [true,-1,false]
 * a> text sleep
 * a< text false | Timer must be greater than or equal to 0.001 | 503
 */
require __DIR__ . '/conform.php';
use Swoole\Coroutine as Co;
use Swoole\Coroutine\WaitGroup;

$server = server();
function play(string $what)
{
    $seen = [];
    switch ($what) {
        case 'group':
            $group = new WaitGroup();
            $group->add();
            $group->add(2);
            $all = [$group->count()];
            for ($i = 0; $i < 3; $i++) {
                go(function () use ($group) {
                    Co::sleep(0.01);
                    $group->done();
                });
            }
            $late = new WaitGroup(1);
            $all = array_merge($all, [$group->wait(), $group->count(), (new WaitGroup(2))->count(), $late->wait(0.02), $late->count()]);
            return array_merge($all, [(new WaitGroup())->wait()]);
        case 'misuse':
            return (new WaitGroup())->done();
        case 'barrier':
            $barrier = Co\Barrier::make();
            $count = 0;
            for ($i = 0; $i < 3; $i++) {
                go(function () use ($barrier, &$count) {
                    Co::sleep(0.01);
                    $count++;
                });
            }
            Co\Barrier::wait($barrier);
            return [$count, $barrier];
        case 'batch':
            $sleeps = function (float $for) {
                return function () use ($for) {
                    Co::sleep($for);
                    return 2;
                };
            };
            $one = function () {
                return 1;
            };
            $count = 0;
            $all = [Co\batch(['a' => $one, 'b' => $sleeps(0.01)]), Co\batch(['a' => $one, 'b' => $sleeps(0.3)], 0.05)];
            Co\parallel(3, function () use (&$count) {
                $count++;
            });
            return array_merge($all, [$count, Co\map([1, 2, 3], function ($x) {
                return $x * 2;
            })]);
        case 'defer':
            go(function () use (&$seen) {
                defer(function () use (&$seen) {
                    $seen[] = 'first';
                });
                Co::defer(function () use (&$seen) {
                    $seen[] = 'last';
                });
                $seen[] = 'body';
            });
            return $seen;
        case 'resume':
            $cid = go(function () use (&$seen) {
                $seen[] = 'a';
                $seen[] = Co::yield();
                $seen[] = 'b';
            });
            $seen[] = 'main';
            Co::resume($cid);
            return $seen;
        case 'join':
            $cid = go(function () {
                Co::sleep(0.01);
            });
            $slow = go(function () {
                Co::sleep(0.3);
            });
            return [Co::join([$cid]), Co::join([$slow], 0.02)];
        case 'cancel':
            $cid = go(function () use (&$seen) {
                $channel = new Co\Channel(1);
                $seen = [$channel->pop(), $channel->errCode, Co::isCanceled()];
            });
            return [Co::cancel($cid), $seen, Co::cancel(99999), swoole_last_error()];
        case 'context':
            Co::getContext()['k'] = 5;
            $other = '';
            go(function () use (&$other) {
                $other = Co::getContext()['k'] ?? 'none';
            });
            return [Co::getContext()['k'], Co::getContext()->k, $other, Co::getContext(99999)];
        case 'parents':
            $me = Co::getCid();
            go(function () use (&$seen, $me) {
                $seen = [Co::getPcid() === $me, Co::getPcid($me), Co::getPcid(99999)];
            });
            return $seen;
        default:
            return tried(function () {
                return Co::sleep(0.0001);
            });
    }
}
$server->on('message', function ($server, $frame) {
    swoole_clear_error();
    try {
        $answer = play($frame->data);
    } catch (BadMethodCallException $e) {
        $answer = get_class($e) . ' ' . $e->getMessage();
    }
    $server->push($frame->fd, is_string($answer) ? $answer : json_encode($answer));
});
$server->start();
