<?php

declare(strict_types=1);

namespace FpmBridge\Testing;

use FpmBridge\Event;
use FpmBridge\Wire;

/**
 * The clients of a FakeBridge: their connections, and what is asked about them.
 */
final class Clients
{
    /** @var array<int, array<string, mixed>> connections as docs/protocol.md section 4 gives them */
    public array $all = [];
    /** The newest one. */
    public int $last = 0;
    /** The one whose close event runs. */
    public ?int $closing = null;
    /** @var array<int, list<string>> what each was sent, by events and from outside, in order */
    public array $received = [];
    public Rooms $rooms;

    /** @var list<int> whom the operation in hand pushed to */
    private array $met = [];
    /** @var list<int> whom it closed */
    private array $ended = [];

    public function __construct()
    {
        $this->rooms = new Rooms(function (int $fd): int {
            return in_array($fd, $this->open(), true) ? 0 : ($fd > 0 && $fd <= $this->last ? 4 : 5);
        }, function (): array {
            return array_values(array_filter($this->open(), function (int $fd): bool {
                return $this->all[$fd]['status'] === 3;
            }));
        }, function (int $fd, int $operation, string $data): void {
            if ($operation === 1) {
                $this->received[$fd][] = $data;
                $this->met[] = $fd;
            } else {
                $this->hangUp($fd);
                $this->ended[] = $fd;
            }
        });
    }

    /**
     * @return list<int> the connections that are open
     */
    public function open(): array
    {
        $fds = [];
        foreach ($this->all as $fd => $connection) {
            if ($connection['status'] !== 4 && $fd !== $this->closing) {
                $fds[] = $fd;
            }
        }
        return $fds;
    }

    /**
     * @param array<string, mixed> $connection
     */
    public function admit(array $connection): int
    {
        $fd = ++$this->last;
        $now = microtime(true);
        $this->all[$fd] = $connection + [
            'fd' => $fd, 'status' => 3, 'listener' => 0, 'remote_addr' => '127.0.0.1', 'remote_port' => 50000,
            'server_addr' => '127.0.0.1', 'server_port' => 9501, 'tls' => false, 'connect_time' => $now,
            'recv_time' => $now, 'send_time' => 0, 'dispatch_time' => $now, 'inbox_bytes' => 0, 'outbox_bytes' => 0,
            'subprotocol' => '', 'compression' => false,
        ];
        return $fd;
    }

    /**
     * @param int $listener plus one; 0: all
     * @return array<int, array<string, mixed>>
     */
    public function by(int $listener): array
    {
        return $listener === 0 ? $this->all : array_filter(
            $this->all,
            static function (array $connection) use ($listener): bool {
                return $connection['listener'] === $listener - 1;
            }
        );
    }

    /**
     * @return array<string, array<array-key, mixed>> [] if it has none
     */
    public function attributes(int $fd): array
    {
        $own = $this->rooms->attributes($fd);
        return $own === [] ? [] : ['attributes' => $own];
    }

    private function hangUp(int $fd): void
    {
        if (isset($this->all[$fd])) {
            $this->all[$fd]['status'] = 4;
            $this->rooms->drop($fd);
        }
    }

    /**
     * Answers as docs/protocol.md section 4 says; called by the code under test.
     */
    public function ask(int $type, int $fd, int $code): Event
    {
        $reply = new Event();
        $reply->type = Wire::REPLY;
        $open = $this->open();
        if ($type === Wire::EXISTS) {
            $reply->code = in_array($fd, $open, true) ? 0 : 404;
            $reply->fd = $reply->code === 0 ? $this->all[$fd]['status'] : 0;
        } elseif ($type === Wire::INFO) {
            $reply->code = isset($this->all[$fd]) ? 0 : 404;
            $info = $this->all[$fd] ?? [];
            $reply->meta = Wire::json(($fd === $this->closing ? ['status' => 4] : []) + $info + $this->attributes($fd));
        } elseif ($type === Wire::COUNT) {
            $reply->fd = count($this->by($code >> 24));
        } elseif ($type === Wire::HEARTBEAT) {
            $reply->data = '';
        } elseif ($fd !== 0 && !in_array($fd, $open, true)) {
            $reply->code = 404;
        } else {
            $mine = $this->by($code >> 24);
            $page = array_values(array_filter($open, static function (int $other) use ($fd, $mine): bool {
                return $other > $fd && isset($mine[$other]);
            }));
            $page = ($code & 0xffffff) > 0 ? array_slice($page, 0, $code & 0xffffff) : $page;
            $reply->data = pack('J*', ...$page);
            foreach ($page as $other) {
                $reply->data .= chr($this->all[$other]['status']);
            }
        }
        return $reply;
    }

    /**
     * An operation or a question of docs/protocol.md section 12.
     */
    public function gateway(
        int $type,
        int $flags,
        int $opcode,
        int $fd,
        int $code,
        string $meta,
        string $data
    ): Event {
        $asked = Wire::read(Wire::pack($type, $flags, $opcode, 0, 0, $fd, $code, $meta, $data))[0];
        $reply = new Event();
        $reply->type = Wire::REPLY;
        if ($type === 150) {
            $reply->data = $this->rooms->operate($asked);
        } elseif ($opcode === 7) {
            $reply->code = isset($this->all[$fd]) && $fd !== $this->closing ? 0 : 404;
            $reply->meta = Wire::json(($this->all[$fd] ?? []) + $this->attributes($fd));
            $reply->data = $this->rooms->describe($fd);
        } elseif ($opcode === 8) {
            $reply->meta = Wire::json(['connections' => count($this->all)] + $this->rooms->count());
        } else {
            $this->rooms->ask($asked, $reply);
        }
        return $reply;
    }

    /**
     * @param Event|array<string, mixed> $step one of Result::$steps
     */
    public function step(Result $result, $step): void
    {
        if (!$step instanceof Event) {
            if (isset($step['fds'])) {
                $result->pushes[] = $step;
                foreach (array_intersect($step['fds'], $this->open()) as $fd) {
                    $this->received[$fd][] = $step['data'];
                }
            } else {
                $result->closes[] = $step;
                $this->hangUp($step['fd']);
            }
            return;
        }
        $this->met = $this->ended = [];
        $this->rooms->operate($step);
        if ($this->met !== []) {
            $push = ['fds' => $this->met, 'data' => $step->data, 'opcode' => $step->code, 'flags' => 1];
            $result->pushes[] = $push;
        }
        foreach ($this->ended as $fd) {
            $result->closes[] = ['fd' => $fd, 'code' => $step->code, 'reason' => $step->data, 'flags' => 0];
        }
    }
}
