<?php
/*
 * pop() of an empty channel is false in time, with errCode -1; of a closed one -2.
 *
 * open a /
 * a> text go
 * a< text [false,-1,false,-2]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    $channel = new Swoole\Coroutine\Channel();
    $all = [$channel->pop(0.01), $channel->errCode];
    $channel->close();
    return array_merge($all, [$channel->pop(), $channel->errCode]);
});
$server->start();
