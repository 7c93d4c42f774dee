<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Connections;
use FpmBridge\Event;
use FpmBridge\Reply;
use FpmBridge\Runtime;
use FpmBridge\Wire;
use Swoole\Server;
use Swoole\Server\Port;

/**
 * What a Swoole\Server knows beside its public properties.
 */
final class State
{
    public const UNKNOWN = 0;
    public const OPEN = 1;
    public const CLOSED = 2;

    /** The WebSocket handshake is with the script: spoken(). */
    public const SHAKING = 2;

    public Runtime $run;
    public Reply $reply;
    public bool $started = false;

    /** The server that has started: exit does not take it away before its callback has been named. */
    public ?object $server = null;

    /** @var array<string, callable> by the event's name in lower case */
    public array $callbacks = [];

    /** Host, port and type that the constructor was given. */
    public string $address = '';

    /** @var array<string, mixed> what on() was given, where it is not what is called */
    public array $given = [];

    /** @var list<string> for the description */
    public array $warnings = [];

    /** @var array<int, array<string, string>> for the description: where what was set, by port; and "listen" */
    public array $places = [];

    /** @var array{source: int}|null the task that runs: who asked for it, -1 for none of the workers */
    public ?array $task = null;

    /** @var array<int, callable> a resident worker's finish callbacks, by task */
    public array $finishers = [];

    /** @var list<\Swoole\Process> what addProcess() was given */
    public array $processes = [];

    /** @var array<int, int> timers of Swoole 1: interval in ms => the timer's id */
    public array $intervals = [];

    /** @var array<string, array{int, callable}> what addCommand() registered: the kinds of processes, the callback */
    public array $commands = [];

    /** The event's own connection as long as it can be pushed to: the usual case, which needs no more questions. */
    public int $reachable = 0;

    /** The connection that the event is about; 0 between events. */
    public int $own = 0;
    /** The port that it came by, an index of Server::$ports. */
    public int $listener = 0;
    /** Its close event runs. */
    public bool $closing = false;
    /** The server's side ended it. */
    public bool $byServer = false;
    /** What is spoken on it: Values::STATUS_ACTIVE, Values::STATUS_NONE, 2 in its handshake; of a closing one: was. */
    public int $spoken = 3;

    /** @var array<int, int> bound by the script during this event, by fd */
    public array $uids = [];

    /** @var array<int, bool> closed by the script during this event */
    public array $closed = [];

    /** The callback of the server's life that runs, or ran last, in lower case. */
    public string $calling = '';

    /** A resident worker's, with worker_max_concurrency. */
    public ?Turns $turns = null;

    /** Whoever was asked about connections; null: nobody yet. */
    public ?Connections $peers = null;

    public function __construct(Runtime $run)
    {
        $this->run = $run;
        $this->reply = $run->reply;
    }

    /**
     * @param bool $several the server has more than one port
     */
    public function begin(Event $event, bool $several = false): void
    {
        if ($this->own !== 0 || $this->closed !== [] || $this->uids !== []) {
            // A batch: nothing is left of the event before.
            $this->closing = false;
            $this->closed = [];
            $this->uids = [];
            $this->spoken = Values::STATUS_ACTIVE;
        }
        if ($several) {
            $this->listener = $event->listener();
        }
        $type = $event->type;
        $this->own = $fd = $event->fd;
        if ($type === Wire::MESSAGE || $type === Wire::OPEN) {
            $this->reachable = $fd;
            return;
        }
        $this->reachable = 0;
        if ($type === Wire::CLOSE) {
            $this->closing = true;
            $this->byServer = ($event->flags & 1) !== 0;
            $this->spoken = $event->opcode;
        } elseif ($type === Wire::REQUEST || $type === Wire::CONNECT) {
            $this->spoken = Values::STATUS_NONE;
        } elseif ($type === Wire::HANDSHAKE) {
            $this->spoken = self::SHAKING;
        }
    }

    /**
     * What it knows of the event in hand, for restore(): another callback goes on meanwhile.
     *
     * @return array<int, mixed>
     */
    public function save(): array
    {
        return [
            $this->reachable, $this->own, $this->listener, $this->closing, $this->byServer, $this->spoken, $this->uids,
            $this->closed, $this->task,
        ];
    }

    /**
     * @param array<int, mixed> $saved of save()
     * @param bool $later its connection may have been closed meanwhile: it is asked for as any other
     */
    public function restore(array $saved, bool $later = false): void
    {
        [
            $this->reachable, $this->own, $this->listener, $this->closing, $this->byServer, $this->spoken, $this->uids,
            $this->closed, $this->task,
        ] = $saved;
        if ($later && !$this->closing && $this->spoken === Values::STATUS_ACTIVE) {
            $this->reachable = $this->own = 0;
            $this->closed = [];
        }
    }

    /**
     * No event is in hand.
     */
    public function clear(): void
    {
        $this->restore([0, 0, 0, false, false, Values::STATUS_ACTIVE, [], [], null]);
    }

    /**
     * @param array{string, callable|null}|null $doing Resident::$doing
     * @return array{string, string, int} the callback of an event: its name, file and line; '' if it is not known
     */
    public function place(?Event $event, ?array $doing): array
    {
        $server = $this->server;
        return $server instanceof Server ? Exits::place($server, $this, $event, $doing) : ['', '', 0];
    }

    /**
     * The server's ports, its own first. For a script that does not look at them it is made when the SDK does.
     *
     * @return Port[]
     */
    public function ports(Server $server): array
    {
        if ($server->ports === null) {
            $type = $server->type | ($server->ssl ? Values::SSL : 0);
            $server->ports = [Port::ofServer($server, $this, 0, $server->host, $server->port, $type)];
            if ($this->started) {
                $server->ports[0]->start($server->setting);
            }
        }
        return $server->ports;
    }

    /**
     * The script has answered a handshake with 101.
     */
    public function upgraded(int $fd): void
    {
        if ($fd === $this->own) {
            $this->spoken = Values::STATUS_ACTIVE;
        }
    }

    /**
     * What is spoken on an open connection.
     *
     * @return int as Connections::status()
     */
    public function spoken(int $fd): int
    {
        return $fd === $this->own ? $this->spoken : $this->run->connections()->status($fd);
    }

    /**
     * Whether a connection can be pushed to. Another one than the event's costs a question, once per event.
     *
     * @return int State::UNKNOWN, State::OPEN or State::CLOSED
     */
    public function status(int $fd): int
    {
        if ($this->closed !== [] && isset($this->closed[$fd])) {
            return self::CLOSED;
        }
        if ($fd === $this->own) {
            return $this->closing ? self::CLOSED : self::OPEN;
        }
        $this->peers = $this->peers ?? $this->run->connections();
        return $fd > 0 && $this->peers->exists($fd) ? self::OPEN : self::UNKNOWN;
    }

    public function close(int $fd): void
    {
        $this->closed[$fd] = true;
        if ($fd === $this->reachable) {
            $this->reachable = 0;
        }
    }

    /**
     * Without those that the script closed during this event.
     *
     * @param array<int, int> $fds
     * @return array<int, int>
     */
    public function open(array $fds): array
    {
        return $this->closed === [] ? $fds : array_diff($fds, array_keys($this->closed));
    }

    /**
     * Nothing of it is the script's: print_r() of a server would be megabytes otherwise, with secrets.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
