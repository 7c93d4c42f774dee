<?php
/*
 * A game loop: a class with players in a property, a tick from workerStart.
 *
 * mode resident
 * open a /
 * a> text {"move":"right"}
 * a< text ~ "x":\d
 * a> text {"move":"right"}
 * a< text ~ ^\{"tick":\d+,"players":\{"1":\{"x":\d,"y":0,"vx":1,"vy":0\}\}\}$
 * drop a
 * open b /
 * b< text ~ ^\{"tick":\d+,"players":\{"2":
 */
declare(strict_types=1);

use Swoole\WebSocket\{Server, Frame};
use Swoole\Http\Request;
use Swoole\Timer;

final class Player {
    public function __construct(public int $x = 0, public int $y = 0, public int $vx = 0, public int $vy = 0) {}
    public function step(): void { $this->x += $this->vx; $this->y += $this->vy; if ($this->x > 5) $this->x = 0; }
}
final class Game {
    /** @var array<int, Player> */
    private array $players = [];
    private int $tick = 0;
    private ?int $timer = null;
    public function __construct(private readonly Server $server) {
        $server->on('workerStart', function (Server $s, int $id): void { $this->timer = Timer::tick(30, $this->loop(...)); });
        $server->on('open', $this->open(...));
        $server->on('message', $this->message(...));
        $server->on('close', fn (Server $s, int $fd, int $reactor) => $this->leave($fd));
    }
    private function open(Server $s, Request $r): void { $this->players[$r->fd] = new Player(); }
    private function message(Server $s, Frame $f): void {
        $m = json_decode($f->data, true, 8, JSON_THROW_ON_ERROR);
        match ($m['move'] ?? null) {
            'right' => $this->players[$f->fd]->vx = 1,
            'left' => $this->players[$f->fd]->vx = -1,
            default => null,
        };
    }
    private function leave(int $fd): void { unset($this->players[$fd]); }
    private function loop(int $timer): void {
        assert($timer === $this->timer);
        $this->tick++;
        foreach ($this->players as $p) { $p->step(); }
        $state = json_encode(['tick' => $this->tick, 'players' => $this->players]);
        foreach ($this->players as $fd => $p) {
            if ($this->server->isEstablished($fd)) { $this->server->push($fd, $state); }
        }
    }
}
$server = new Server('0.0.0.0', 9501);
new Game($server);
$server->start();
