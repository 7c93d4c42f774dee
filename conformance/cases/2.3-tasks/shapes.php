<?php
/*
 * What tasks give back: results, false, null, several, failures; ids count for each asking worker; a list's order is that of the call.
 *
 * open a /
 * a> text ids
 * a< text [0,1,2]
 * a> text wait
 * a< text [["a",false,false],[0,2003,0]]
 * a> text several
 * a< text ["one"]
 * a> text multi
 * a< text [["a","b"],[30,1,2],[false,"a"],{"1":"a"},2003]
 * a> text co
 * a< text [["a","b"],[30,1,2],[false,"a"],[false,"a"],2003]
 * a> text many
 * a< text false | too many concurrent tasks | 503
 * a> text worker
 * a< text [2,false]
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 2]);
$server->on('task', function ($server, $id, $source, $data) {
    if (is_int($data)) {
        usleep($data * 1000);
        return $data;
    }
    if ($data === 'several') {
        $server->finish('one');
        $server->finish('two');
    }
    return ['null' => null, 'false' => false, 'worker' => $server->worker_id, 'several' => 'three'][$data] ?? ($data === 'null' ? null : $data);
});
$server->on('finish', function () {
});
function lists(Swoole\Server $server, string $method): array
{
    swoole_clear_error();
    $all = [
        $server->$method(['x' => 'a', 'y' => 'b'], 5), $server->$method([30, 1, 2], 5), $server->$method(['false', 'a'], 5),
        $server->$method(['null', 'a'], 2),
    ];
    return array_merge($all, [swoole_last_error()]);
}
$server->on('message', function ($server, $frame) {
    switch ($frame->data) {
        case 'ids':
            $answer = [$server->task('a'), $server->task('b', 1), $server->task('c', -1)];
            break;
        case 'wait':
            $values = $errors = [];
            foreach (['a' => 5, 'null' => 0.2, 'false' => 5] as $data => $timeout) {
                swoole_clear_error();
                $values[] = $server->taskwait($data, $timeout);
                $errors[] = swoole_last_error();
            }
            $answer = [$values, $errors];
            break;
        case 'several':
            $answer = [$server->taskwait('several', 5)];
            break;
        case 'multi':
        case 'co':
            $answer = lists($server, $frame->data === 'co' ? 'taskCo' : 'taskWaitMulti');
            break;
        case 'many':
            $server->push($frame->fd, tried(function () use ($server) {
                return $server->taskWaitMulti(array_fill(0, 1024, 'a'));
            }));
            return;
        default:
            $answer = [$server->taskwait('worker', 5, 1), $server->taskworker];
    }
    $server->push($frame->fd, json_encode($answer));
});
$server->start();
