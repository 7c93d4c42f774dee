<?php
/*
 * Each coroutine has output buffers of its own: what others print while it waits is not in them.
 *
 * open a /
 * p GET /?n=1
 * body page 1, slept, INNER, chan x1, task 1
 * a> text hello
 * a< text hello
 * log printed hello
 * log child 1
 * log left 1late 1
 * p GET /?n=2
 * body page 2, slept, INNER, chan x2, task 2
 * log left 2late 2
 * a> text again
 * a< text again
 * log printed again
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
$server->on('task', function ($server, $id, $source, $data) {
    return $data;
});
$server->on('request', function ($request, $response) use ($server) {
    $n = $request->get['n'];
    ob_start();
    echo "page $n, ";
    go(function () use ($n) {
        echo "child $n\n";
        ob_start();
        echo "left $n";
        Co::sleep(0.001);
        echo "late $n\n";
    });
    Co::sleep(0.02);
    echo 'slept, ';
    ob_start();
    echo 'inner';
    Co::sleep(0.001);
    $inner = ob_get_clean();
    echo strtoupper($inner), ', ';
    $channel = new Swoole\Coroutine\Channel(1);
    go(function () use ($channel, $n) {
        ob_start();
        echo 'x';
        Co::sleep(0.001);
        $channel->push(ob_get_clean() . $n);
    });
    echo 'chan ', $channel->pop(), ', ', $server->taskwait("task $n", 5);
    $response->end(ob_get_clean());
});
$server->on('message', function ($server, $frame) {
    echo "printed $frame->data\n";
    $server->push($frame->fd, $frame->data);
});
$server->start();
