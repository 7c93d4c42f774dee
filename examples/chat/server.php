<?php

// A chat room. A Swoole script, unchanged: fpmbridge serve examples/chat/server.php
//
// It keeps nothing in PHP between events: who is there is what $server->connections says, a name comes with the
// connection (?name=Ann) and with each message ({"name":"Ann","text":"hello"}).

use Swoole\Http\Request;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

$server = new Server('127.0.0.1', 9501);
$server->set([
    'enable_static_handler' => true, // the page: http://127.0.0.1:9501/
    'document_root' => __DIR__ . '/public',
    'http_index_files' => ['index.html'],
]);

/** To everybody but $except. */
function tell(Server $server, array $what, int $except = 0): void
{
    $json = json_encode($what, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
    foreach ($server->connections as $fd) {
        if ($fd !== $except && $server->isEstablished($fd)) {
            $server->push($fd, $json);
        }
    }
}

function clean($value, int $length, string $default): string
{
    $text = is_string($value) ? trim(preg_replace('/\s+/u', ' ', $value) ?? '') : '';
    return $text === '' ? $default : preg_replace('/^(.{' . $length . '}).*$/us', '$1', $text);
}

$server->on('open', function (Server $server, Request $request) {
    $name = clean($request->get['name'] ?? null, 24, 'Guest ' . $request->fd);
    echo "$name is here\n";
    $count = count($server->connections);
    $server->push($request->fd, json_encode(['type' => 'welcome', 'id' => $request->fd, 'name' => $name,
        'online' => $count]));
    tell($server, ['type' => 'join', 'id' => $request->fd, 'name' => $name, 'online' => $count], $request->fd);
});

$server->on('message', function (Server $server, Frame $frame) {
    $message = json_decode($frame->data, true);
    $text = clean($message['text'] ?? null, 500, '');
    if ($text !== '') {
        $name = clean($message['name'] ?? null, 24, 'Guest ' . $frame->fd);
        tell($server, ['type' => 'message', 'id' => $frame->fd, 'name' => $name, 'text' => $text]);
    }
});

$server->on('close', function (Server $server, int $fd) {
    // The one that leaves is still counted here, as in Swoole.
    tell($server, ['type' => 'leave', 'id' => $fd, 'online' => count($server->connections) - 1], $fd);
});

$server->start();
