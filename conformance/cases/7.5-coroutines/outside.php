<?php
/*
 * Without enable_coroutine a callback is none: what waits throws, go() makes coroutines all the same.
 *
 * open a /
 * a> text id
 * a< text -1
 * a> text sleep
 * a< text Swoole\Error API must be called in the coroutine
 * a> text pop
 * a< text Swoole\Error API must be called in the coroutine
 * a> text push
 * a< text Swoole\Error API must be called in the coroutine
 * a> text yield
 * a< text Swoole\Error API must be called in the coroutine
 * a> text go
 * a< text [true,"inside"]
 */
require __DIR__ . '/conform.php';
use Swoole\Coroutine;
use Swoole\Coroutine\Channel;

$server = server(['enable_coroutine' => false]);
$server->on('message', function ($server, $frame) {
    try {
        switch ($frame->data) {
            case 'id':
                $answer = Coroutine::getCid();
                break;
            case 'sleep':
                $answer = Coroutine::sleep(0.01);
                break;
            case 'pop':
                $answer = (new Channel())->pop();
                break;
            case 'push':
                $answer = (new Channel())->push(1);
                break;
            case 'yield':
                $answer = Coroutine::yield();
                break;
            default:
                $answer = [];
                go(function () use (&$answer) {
                    $answer = [Coroutine::getCid() > 0, 'inside'];
                });
        }
        $answer = json_encode($answer);
    } catch (Throwable $e) {
        $answer = get_class($e) . ' ' . $e->getMessage();
    }
    $server->push($frame->fd, $answer);
});
$server->start();
