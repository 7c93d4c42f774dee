<?php
/*
 * A subclass of Server with its own properties, methods and typed handlers.
 *
 * open a /lobby
 * a< text joined lobby
 * a> text hi
 * a< text lobby: hi
 */
namespace App\Net;

use Swoole\Http\Request;
use Swoole\Table;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

final class RoomServer extends Server
{
    private Table $rooms;
    protected string $prefix = 'joined ';

    public function __construct(string $host, int $port)
    {
        parent::__construct($host, $port, SWOOLE_PROCESS);
        $this->rooms = new Table(1024);
        $this->rooms->column('room', Table::TYPE_STRING, 64);
        $this->rooms->create();
        $this->set(['worker_num' => 2]);
        $this->on('open', [$this, 'handleOpen']);
        $this->on('message', [$this, 'handleMessage']);
        $this->on('close', fn (Server $s, int $fd) => $this->rooms->del((string) $fd));
    }

    public function handleOpen(Server $server, Request $request): void
    {
        $room = trim($request->server['request_uri'], '/');
        $this->rooms->set((string) $request->fd, ['room' => $room]);
        $this->push($request->fd, $this->prefix . $room);
    }

    public function handleMessage(Server $server, Frame $frame): void
    {
        $mine = $this->rooms->get((string) $frame->fd, 'room');
        foreach ($this->rooms as $fd => $row) {
            if ($row['room'] === $mine && $this->isEstablished((int) $fd)) {
                $this->push((int) $fd, "$mine: $frame->data");
            }
        }
    }
}

(new RoomServer('127.0.0.1', 9501))->start();
