<?php
/*
 * A task with a callback of its own tells that one, and not onFinish.
 *
 * open a /
 * a> text x
 * a< text 0
 * a< text own 0 done
 */
require __DIR__ . '/conform.php';
function own($server, $id, $data)
{
    $server->push(1, "own $id $data");
}
$server = server(['task_worker_num' => 1]);
answers($server, function ($server) {
    return $server->task('x', -1, 'own');
});
$server->on('task', function () {
    return 'done';
});
$server->on('finish', function ($server) {
    $server->push(1, 'finish');
});
$server->start();
