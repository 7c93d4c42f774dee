<?php
/*
 * Messages are JSON with a type; handlers are a map of static methods; undefined indexes only warn.
 *
 * open a /
 * a> text {"type":"ping"}
 * a< text {"type":"pong"}
 * a> text {"type":"sum","values":[1,2,3]}
 * a< text {"type":"sum","sum":6}
 * a> text {"type":"nonsense"}
 * a< text {"type":"error","message":"unknown type nonsense"}
 * a> text not json
 * a< text {"type":"error","message":"unknown type "}
 */
declare(strict_types=1);

use Swoole\Http\Request;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

final class Handlers
{
    private const MAP = ['ping' => 'ping', 'sum' => 'sum'];

    public static function dispatch(Server $server, Frame $frame): void
    {
        $data = json_decode($frame->data, true);
        $method = self::MAP[$data['type'] ?? ''] ?? null;
        $answer = $method === null
            ? ['type' => 'error', 'message' => 'unknown type ' . ($data['type'] ?? '')]
            : ['type' => $data['type'] === 'ping' ? 'pong' : $data['type']] + self::$method($data);
        $server->push($frame->fd, json_encode($answer));
    }

    private static function ping(array $data): array
    {
        return [];
    }

    private static function sum(array $data): array
    {
        return ['sum' => array_sum($data['values'])];
    }
}

$server = new Server('127.0.0.1', 9501, SWOOLE_PROCESS);
$server->on('open', static function (Server $server, Request $request): void {
});
$server->on('message', 'Handlers::dispatch');
$server->on('close', static function (Server $server, int $fd): void {
});
$server->start();
