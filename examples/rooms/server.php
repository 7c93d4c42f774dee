<?php

// Rooms: who is in one hears what is said there, and sees who else is in it.
//
//   fpmbridge serve examples/rooms/server.php
//
// A room is a group of the bridge, a name an attribute of the connection: PHP keeps nothing between events.
// The page sends {"join":"kitchen"} and {"say":"hello"}.

use Swoole\Http\Request;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

$server = new Server('127.0.0.1', 9501);
$server->set([
    'enable_static_handler' => true, // the page: http://127.0.0.1:9501/
    'document_root' => __DIR__ . '/public',
    'http_index_files' => ['index.html'],
]);

function json(array $what): string
{
    return json_encode($what, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
}

function clean($value, int $length, string $default): string
{
    $text = is_string($value) ? trim(preg_replace('/\s+/u', ' ', $value) ?? '') : '';
    return $text === '' ? $default : preg_replace('/^(.{' . $length . '}).*$/us', '$1', $text);
}

/** Takes a connection out of its room and tells the others. */
function leave(Server $server, int $fd, array $who): void
{
    if (isset($who['room'])) {
        $server->bridge()->leave($fd, "room:{$who['room']}");
        $server->bridge()->pushToGroup("room:{$who['room']}", json(['left' => $who['name']]), 1, $fd);
    }
}

$server->on('open', function (Server $server, Request $request) {
    $name = clean($request->get['name'] ?? null, 24, "Guest $request->fd");
    $server->bridge()->setAttributes($request->fd, ['name' => $name]);
    $server->push($request->fd, json(['you' => $name]));
});

$server->on('message', function (Server $server, Frame $frame) {
    $bridge = $server->bridge();
    $message = json_decode($frame->data, true);
    $who = $bridge->attributes($frame->fd); // they came with the event
    $room = clean($message['join'] ?? null, 24, '');
    if ($room !== '' && $room !== ($who['room'] ?? '')) {
        leave($server, $frame->fd, $who);
        // What is asked is answered now; what is done is done when this event is over.
        $names = [];
        foreach ($bridge->members("room:$room", 0, 100, true) as $member) {
            $names[] = $member['attributes']['name'];
        }
        $bridge->mergeAttributes($frame->fd, ['room' => $room]);
        $bridge->pushToGroup("room:$room", json(['came' => $who['name']]));
        $bridge->join($frame->fd, "room:$room");
        $bridge->push($frame->fd, json(['room' => $room, 'here' => $names]));
    }
    $text = clean($message['say'] ?? null, 500, '');
    if ($text !== '' && isset($who['room'])) {
        $bridge->pushToGroup("room:{$who['room']}", json(['from' => $who['name'], 'said' => $text]));
    }
});

$server->on('close', function (Server $server, int $fd) {
    leave($server, $fd, $server->bridge()->attributes($fd) ?? []);
});

$server->start();
