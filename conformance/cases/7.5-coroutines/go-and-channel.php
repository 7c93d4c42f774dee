<?php
/*
 * go(), Channel and WaitGroup work inside an event.
 *
 * open a /
 * a> text go
 * a< text ["b","a",3]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $channel = new Swoole\Coroutine\Channel(2);
    $group = new Swoole\Coroutine\WaitGroup();
    foreach (['a' => 0.03, 'b' => 0.01] as $name => $seconds) {
        $group->add();
        go(function () use ($channel, $name, $seconds, $group) {
            Swoole\Coroutine::sleep($seconds);
            $channel->push($name);
            $group->done();
        });
    }
    $group->wait();
    return [$channel->pop(), $channel->pop(), array_sum([1, 2])];
});
$server->start();
