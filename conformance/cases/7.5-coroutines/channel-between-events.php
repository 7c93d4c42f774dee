<?php
/*
 * A channel between callbacks: one event waits for what another one brings; timeouts; close.
 *
 * mode resident
 * open a /
 * open b /
 * a> text pop
 * b> text push hello
 * b< text true
 * a< text ~ ^.hello.$
 * a> text wait
 * a< text [false,-1]
 * a> text pop
 * b> text close
 * b< text true
 * a< text false
 */
require __DIR__ . '/conform.php';
$server = server();
$channel = new Swoole\Coroutine\Channel(1);
$server->on('message', function ($server, $frame) use ($channel) {
    [$what, $rest] = explode(' ', $frame->data) + [1 => ''];
    switch ($what) {
        case 'pop':
            $answer = $channel->pop();
            break;
        case 'push':
            $answer = $channel->push($rest);
            break;
        case 'wait':
            $answer = [$channel->pop(0.05), $channel->errCode];
            break;
        default:
            $answer = $channel->close();
    }
    $server->push($frame->fd, json_encode($answer));
});
$server->start();
