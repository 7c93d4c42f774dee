<?php
/*
 * Each underscore name of a class that is there is that class.
 *
 * differs: they went with Swoole 5.0; classes that went before are not there
 * open a /
 * a> text classes
 * a< text []
 * a> text gone
 * a< text []
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $names = [
        'swoole_server' => 'Server', 'swoole_http_server' => 'Http\Server', 'swoole_websocket_server' => 'WebSocket\Server',
        'swoole_websocket_frame' => 'WebSocket\Frame', 'swoole_websocket_closeframe' => 'WebSocket\CloseFrame',
        'swoole_http_request' => 'Http\Request', 'swoole_http_response' => 'Http\Response', 'swoole_table' => 'Table',
        'swoole_table_row' => 'Table\Row', 'swoole_atomic' => 'Atomic', 'swoole_atomic_long' => 'Atomic\Long', 'swoole_lock' => 'Lock',
        'swoole_process' => 'Process', 'swoole_process_pool' => 'Process\Pool', 'swoole_timer' => 'Timer', 'swoole_event' => 'Event',
        'swoole_server_port' => 'Server\Port', 'swoole_server_task' => 'Server\Task', 'swoole_runtime' => 'Runtime',
        'swoole_connection_iterator' => 'Connection\Iterator', 'swoole_exception' => 'Exception', 'swoole_error' => 'Error',
    ];
    $gone = ['Buffer', 'Async', 'Serialize', 'MsgQueue', 'Mmap', 'Coroutine\Redis', 'Coroutine\MySQL', 'Coroutine\PostgreSQL', 'Thread'];
    $wrong = [];
    foreach ($frame->data === 'gone' ? $gone : [] as $class) {
        if (class_exists("Swoole\\$class")) {
            $wrong[] = $class;
        }
    }
    foreach ($frame->data === 'gone' ? [] : $names as $old => $class) {
        if (!class_exists($old) || (new ReflectionClass($old))->getName() !== "Swoole\\$class") {
            $wrong[] = $old;
        }
    }
    $server->push($frame->fd, json_encode($wrong));
});
$server->start();
