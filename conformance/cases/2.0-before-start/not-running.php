<?php
/*
 * Before start() methods warn "server is not running", and give false and 503; but for a few, which do not warn.
 *
 * open a /
 * a> text go
 * a< text {"getWorkerId":"false","getWorkerPid":"false","getManagerPid":"0","getMasterPid":"0","shutdown":"false | 509","getLastError":"0","all others":"false | server is not running | 503"}
 */
require __DIR__ . '/conform.php';
$server = server();
$calls = [
    'push' => [1, 'x'], 'disconnect' => [1], 'ping' => [1], 'isEstablished' => [1], 'exists' => [1], 'exist' => [1],
    'close' => [1], 'send' => [1, 'x'], 'sendfile' => [1, __FILE__], 'sendwait' => [1, 'x'], 'protect' => [1],
    'bind' => [1, 1], 'pause' => [1], 'resume' => [1], 'confirm' => [1], 'getClientInfo' => [1],
    'getClientList' => [], 'heartbeat' => [true], 'task' => ['x'], 'taskwait' => ['x'], 'taskWaitMulti' => [['x']],
    'taskCo' => [['x']], 'finish' => ['x'], 'sendMessage' => ['x', 1], 'command' => ['x', 1, 1, []], 'reload' => [],
    'stop' => [], 'stats' => [], 'getWorkerStatus' => [], 'getWorkerId' => [], 'getWorkerPid' => [],
    'getManagerPid' => [], 'getMasterPid' => [], 'shutdown' => [], 'getLastError' => [],
];
$said = [];
foreach ($calls as $method => $arguments) {
    $said[$method] = tried(function () use ($server, $method, $arguments) {
        return $server->$method(...$arguments);
    });
}
$said['create'] = tried(function () use ($server) {
    return Swoole\Http\Response::create($server, 1);
});
$usual = 'false | server is not running | 503';
$said = array_diff($said, [$usual]) + ['all others' => $usual];
$server->on('message', function ($server, $frame) use ($said) {
    $server->push($frame->fd, json_encode($said));
});
$server->start();
