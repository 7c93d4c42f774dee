<?php

declare(strict_types=1);

namespace FpmBridge\Testing;

use Closure;
use FpmBridge\App;
use FpmBridge\Client;
use FpmBridge\Environment;
use FpmBridge\Event;
use FpmBridge\GatewayWorker;
use FpmBridge\Queries;
use FpmBridge\Runtime;
use FpmBridge\Wire;
use LogicException;

/**
 * A bridge for tests of scripts and apps: it feeds events and gives back what the handlers asked for.
 *
 *     $bridge = FakeBridge::script(__DIR__ . '/../server.php');
 *     $fd = $bridge->connect('/chat?name=Ann')->fd;
 *     $result = $bridge->message($fd, 'hello');
 *     assert($result->pushed($fd) === ['hello']);
 *
 * The script is included once, inside a function, and its handlers are called in this process: so exit() in a handler
 * ends the test, and `global` sees the test's variables. What the handlers ask for is applied: a connection that was
 * closed is gone for the next event, and answers to Connections and `$server->connections` follow.
 */
final class FakeBridge implements Queries
{
    /** @var array<int, array<string, mixed>> connections as docs/protocol.md section 4 gives them */
    private array $connections = [];
    private int $lastFd = 0;
    private int $lastId = 0;
    private ?int $closing = null;
    private Runtime $run;

    /** The body of the request that is being handled. */
    private string $body = '';

    /** @var list<array<string, mixed>> parts of responses that left before their event was over, in order */
    public array $sent = [];
    /** @var list<array<string, mixed>> tasks that were queued and did not run yet */
    private array $tasks = [];
    private int $nextTask = 0;

    /**
     * What taskwait() and its like get for a task: its data and position in, null for no result. Nobody runs it.
     *
     * @var (Closure(mixed, int): mixed)|null
     */
    public ?Closure $waited = null;

    /** How many questions were asked so far. */
    public int $questions = 0;

    /** @var array<int, list<string>> what each connection was sent, by events and from outside, in order */
    private array $received = [];
    private Rooms $rooms;
    /** @var list<int> whom the operation in hand pushed to */
    private array $met = [];
    /** @var list<int> whom it closed */
    private array $ended = [];

    private function __construct()
    {
        $this->rooms = new Rooms(function (int $fd): int {
            return in_array($fd, $this->open(), true) ? 0 : ($fd > 0 && $fd <= $this->lastFd ? 4 : 5);
        }, function (): array {
            return array_values(array_filter($this->open(), function (int $fd): bool {
                return $this->connections[$fd]['status'] === 3;
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
        $environment = new Environment();
        $environment->listen = '127.0.0.1:9501';
        $this->run = Runtime::host($environment, $this);
        $this->run->client = $this->client();
    }

    /**
     * A bridge that serves a script: one that ends with App::run() or Swoole's start(), or a class Events of
     * GatewayWorker.
     *
     * @throws LogicException when the script starts no server
     */
    public static function script(string $file): self
    {
        $bridge = new self();
        $bridge->run->environment->script = $file;
        (static function () use ($file): void {
            require $file;
        })();
        if ($bridge->run->described() === [] && GatewayWorker::isWanted()) {
            GatewayWorker::serve();
        }
        return $bridge->started();
    }

    /**
     * A bridge that serves what $start starts: a function that builds a server and calls run() or start().
     *
     * @param callable(): mixed $start
     * @throws LogicException when it starts no server
     */
    public static function serving(callable $start): self
    {
        $bridge = new self();
        $start();
        return $bridge->started();
    }

    public static function app(App $app): self
    {
        return self::serving([$app, 'run']);
    }

    /**
     * Outside of the bridge again.
     */
    public static function stop(): void
    {
        Runtime::host(null, null);
    }

    /**
     * A client of this bridge, for code that pushes from outside of events. GatewayWorker\Lib\Gateway finds it itself.
     */
    public function client(): Client
    {
        return Client::over(new FakeTransport($this));
    }

    /**
     * Everything that a connection was sent so far: by events that did not fail, and from outside.
     *
     * @return list<string> messages, in order
     */
    public function received(int $fd): array
    {
        return $this->received[$fd] ?? [];
    }

    /**
     * What the server said of itself: docs/protocol.md section 6.
     *
     * @return array<string, mixed>
     */
    public function description(): array
    {
        return $this->run->described();
    }

    /**
     * A client connects: the open event.
     *
     * @param array<string, string|list<string>> $headers by lower-case name
     * @param array<string, mixed> $connection other facts than those of a client on 127.0.0.1:50000
     */
    public function connect(string $target = '/', array $headers = [], array $connection = []): Result
    {
        $fd = $this->admit($connection);
        $head = "GET $target HTTP/1.1\r\n";
        foreach (array_change_key_case($headers) + ['host' => '127.0.0.1:9501'] as $name => $values) {
            foreach ((array) $values as $value) {
                $head .= "$name: $value\r\n";
            }
        }
        $meta = Wire::json($this->connections[$fd]);
        return $this->deliver(Wire::OPEN, 0, 0, $fd, 0, $meta, $head . "\r\n");
    }

    /**
     * A client sends an HTTP request: the request event, on a connection of its own.
     *
     * @param array<string, string|list<string>> $headers by lower-case name
     */
    public function request(string $method, string $target, array $headers = [], string $body = ''): Result
    {
        $fd = $this->admit(['status' => 0]);
        $head = "$method $target HTTP/1.1\r\n";
        foreach (array_change_key_case($headers) + ['host' => '127.0.0.1:9501'] as $name => $values) {
            foreach ((array) $values as $value) {
                $head .= "$name: $value\r\n";
            }
        }
        $head .= "\r\n";
        $this->body = $body;
        $meta = Wire::json($this->connections[$fd]);
        return $this->deliver(Wire::REQUEST, 0, 0, $fd, strlen($head), $meta, $head . $body);
    }

    /**
     * A client connects to a listener: the connect event, if the script wants it.
     *
     * @param array<string, mixed> $connection other facts than those of a client on 127.0.0.1:50000
     * @return Result with the connection's fd
     */
    public function connectTcp(int $listener = 0, array $connection = []): Result
    {
        $fd = $this->admit(['listener' => $listener, 'status' => 0] + $connection);
        if (!$this->wants('connect', $listener)) {
            return new Result($fd, '');
        }
        return $this->deliver(Wire::CONNECT, 0, 0, $fd, 0, Wire::json($this->connections[$fd]), '');
    }

    /**
     * A client of a TCP port sends a packet.
     */
    public function receive(int $fd, string $data): Result
    {
        $this->connections[$fd]['recv_time'] = microtime(true);
        return $this->deliver(Wire::RECEIVE, 0, 0, $fd, 0, '', $data);
    }

    /**
     * A client sends a message.
     *
     * @param int $opcode 1 text, 2 binary
     * @param int $flags frame bits as on the wire
     */
    public function message(int $fd, string $data, int $opcode = 1, int $flags = 33): Result
    {
        $this->connections[$fd]['recv_time'] = microtime(true);
        $attributes = $this->attributes($fd);
        $meta = $attributes === [] ? '' : Wire::json($attributes);
        return $this->deliver(Wire::MESSAGE, $flags, $opcode, $fd, 0, $meta, $data);
    }

    /**
     * A connection ends: the close event.
     *
     * @param string $cause as docs/protocol.md section 2 lists them
     */
    public function close(int $fd, int $code = 1000, string $reason = '', string $cause = 'client'): Result
    {
        $flags = in_array($cause, ['server', 'php_failed', 'php_busy', 'php_down', 'shutdown'], true) ? 1 : 0;
        $this->closing = $fd;
        $this->rooms->drop($fd);
        $spoken = (int) ($this->connections[$fd]['status'] ?? 0);
        try {
            $meta = Wire::json(['cause' => $cause] + $this->attributes($fd));
            return $this->deliver(Wire::CLOSE, $flags, $spoken, $fd, $code, $meta, $reason);
        } finally {
            $this->closing = null;
            $this->rooms->forget($fd);
            unset($this->connections[$fd]);
        }
    }

    /**
     * @return list<int> the connections that are open
     */
    public function open(): array
    {
        $fds = [];
        foreach ($this->connections as $fd => $connection) {
            if ($connection['status'] !== 4 && $fd !== $this->closing) {
                $fds[] = $fd;
            }
        }
        return $fds;
    }

    /**
     * A hosted script keeps tables, atomics and locks in this process and asks nobody for them.
     *
     * @throws LogicException always
     */
    public function share(int $type, int $operation, int $key, int $code, string $data, float $wait = 0.0): Event
    {
        throw new LogicException('the fake bridge has no shared memory');
    }

    /**
     * Answers as docs/protocol.md section 4 says; called by the code under test.
     */
    public function ask(int $type, int $fd, int $code): Event
    {
        $this->questions++;
        $reply = new Event();
        $reply->type = Wire::REPLY;
        $open = $this->open();
        if ($type === Wire::EXISTS) {
            $reply->code = in_array($fd, $open, true) ? 0 : 404;
            $reply->fd = $reply->code === 0 ? $this->connections[$fd]['status'] : 0;
        } elseif ($type === Wire::INFO) {
            $reply->code = isset($this->connections[$fd]) ? 0 : 404;
            $info = $this->connections[$fd] ?? [];
            $reply->meta = Wire::json(($fd === $this->closing ? ['status' => 4] : []) + $info);
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
                $reply->data .= chr($this->connections[$other]['status']);
            }
        }
        return $reply;
    }

    /**
     * Parts of responses that leave at once are kept, and every file is taken.
     */
    public function send(
        int $type,
        int $flags,
        int $opcode,
        int $fd,
        int $code,
        string $meta,
        string $data,
        int $wait = 0
    ): Event {
        $this->questions++;
        $reply = new Event();
        $reply->type = Wire::REPLY;
        if ($type === 150 || $type === 151) {
            return $this->gateway($type, $flags, $opcode, $fd, $code, $meta, $data);
        }
        if ($type === Wire::TASKS) {
            return $this->tasks($reply, $opcode, (array) json_decode($meta, true), $data);
        }
        if ($type === Wire::STATS) {
            $stats = ['connection_num' => count($this->connections), 'session_round' => $this->lastFd];
            $reply->meta = Wire::json($stats);
            return $reply;
        }
        if ($type === Wire::WORKER) {
            $description = $this->description();
            $reply->fd = 2;
            $reply->code = $fd < $description['workers'] + $description['task_workers'] ? 0 : 404;
            return $reply;
        }
        if ($type === Wire::ASK_RESPONSE && $opcode === Wire::BODY) {
            $reply->data = (string) substr($this->body, $code);
            return $reply;
        }
        $file = $type === Wire::ASK_FILE ? ['file' => (string) substr($data, 16)] : [];
        $this->sent[] = ['fd' => $fd, 'flags' => $flags, 'status' => $code, 'head' => $meta, 'data' => $data] + $file;
        return $reply;
    }

    /**
     * An operation or a question of docs/protocol.md section 12.
     */
    private function gateway(
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
            $reply->code = isset($this->connections[$fd]) && $fd !== $this->closing ? 0 : 404;
            $reply->meta = Wire::json($this->connections[$fd] ?? []);
            $reply->data = $this->rooms->describe($fd);
        } elseif ($opcode === 8) {
            $reply->meta = Wire::json(['connections' => count($this->connections)] + $this->rooms->count());
        } else {
            $this->rooms->ask($asked, $reply);
        }
        return $reply;
    }

    /**
     * @return array<string, array<array-key, mixed>> [] if it has none
     */
    private function attributes(int $fd): array
    {
        $own = $this->rooms->attributes($fd);
        return $own === [] ? [] : ['attributes' => $own];
    }

    /**
     * @param Event|array<string, mixed> $step one of Result::$steps
     */
    private function step(Result $result, $step): void
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

    private function hangUp(int $fd): void
    {
        if (isset($this->connections[$fd])) {
            $this->connections[$fd]['status'] = 4;
            $this->rooms->drop($fd);
        }
    }

    /**
     * Runs the tasks that were queued, and delivers their results; what these queue too.
     *
     * @return list<Result> of task events and finish events, in order
     */
    public function runTasks(): array
    {
        $results = [];
        while ($this->tasks !== []) {
            $task = array_shift($this->tasks);
            $index = max(0, $task['worker']);
            $worker = $this->description()['workers'] + $index;
            $job = ['task' => $task['task'], 'source' => $task['source'], 'worker' => $worker];
            $job['time'] = microtime(true);
            $results[] = $ran = $this->event(Wire::TASK, $job, $task['data']);
            if ($ran->error !== null || $task['source'] < 0) {
                continue;
            }
            foreach ($ran->results as $data) {
                $job = ['source' => $worker, 'worker' => $task['source']] + $job;
                $job += isset($task['callback']) ? ['callback' => $task['callback']] : [];
                $results[] = $this->event(Wire::FINISH, $job, $data);
            }
        }
        return $results;
    }

    /**
     * Any event that belongs to no connection: docs/protocol.md section 9.
     *
     * @param int $type Wire::TASK to Wire::WORKER_ERROR
     * @param array<string, mixed> $meta
     */
    public function event(int $type, array $meta = [], string $data = '', int $opcode = 0): Result
    {
        $frame = Wire::pack($type, 0, $opcode, 1, ++$this->lastId, 0, 0, $meta === [] ? '' : Wire::json($meta), $data);
        return $this->take(new Result(0, $this->run->hosted(Wire::read($frame)[0])));
    }

    /**
     * @param array<string, mixed> $ask
     */
    private function tasks(Event $reply, int $opcode, array $ask, string $data): Event
    {
        if ($opcode === 0) {
            $reply->fd = $this->nextTask++;
            return $reply;
        }
        $tasks = [];
        foreach ($ask['sizes'] as $size) {
            $tasks[] = unserialize(substr($data, 0, $size));
            $data = (string) substr($data, $size);
        }
        $ids = $sizes = [];
        foreach ($tasks as $i => $task) {
            $result = $this->waited === null ? null : ($this->waited)($task, $i);
            $bytes = $result === null ? '' : serialize($result);
            $ids[] = $this->nextTask++;
            $sizes[] = $result === null ? -1 : strlen($bytes);
            $reply->data .= $bytes;
        }
        $reply->meta = Wire::json(['ids' => $ids, 'sizes' => $sizes]);
        return $reply;
    }

    /**
     * @param int $listener plus one; 0: all
     * @return array<int, array<string, mixed>>
     */
    private function by(int $listener): array
    {
        return $listener === 0 ? $this->connections : array_filter(
            $this->connections,
            static function (array $connection) use ($listener): bool {
                return $connection['listener'] === $listener - 1;
            }
        );
    }

    /**
     * @param array<string, mixed> $connection
     */
    private function admit(array $connection): int
    {
        $fd = ++$this->lastFd;
        $now = microtime(true);
        $this->connections[$fd] = $connection + [
            'fd' => $fd, 'status' => 3, 'listener' => 0, 'remote_addr' => '127.0.0.1', 'remote_port' => 50000,
            'server_addr' => '127.0.0.1', 'server_port' => 9501, 'tls' => false, 'connect_time' => $now,
            'recv_time' => $now, 'send_time' => 0, 'dispatch_time' => $now, 'inbox_bytes' => 0, 'outbox_bytes' => 0,
            'subprotocol' => '', 'compression' => false,
        ];
        return $fd;
    }

    private function wants(string $event, int $listener): bool
    {
        $listeners = $this->run->described()['listeners'];
        return in_array($event, ($listeners[$listener] ?? $listeners[0])['events'], true);
    }

    /**
     * Applies what an event asked for.
     */
    private function take(Result $result): Result
    {
        if ($result->error === null) {
            $result->pushes = $result->closes = [];
            foreach ($result->steps as $step) {
                $this->step($result, $step);
            }
            foreach ($result->changes as $change) {
                if ($change['what'] === Wire::BIND && isset($this->connections[$change['fd']])) {
                    $this->connections[$change['fd']] += ['uid' => unpack('J', $change['data'])[1]];
                }
            }
            array_push($this->tasks, ...$result->tasks);
        }
        return $result;
    }

    private function started(): self
    {
        if ($this->run->described() === []) {
            throw new LogicException('the script started no server');
        }
        return $this;
    }

    private function deliver(
        int $type,
        int $flags,
        int $opcode,
        int $fd,
        int $code,
        string $meta,
        string $payload
    ): Result {
        if (!isset($this->connections[$fd])) {
            throw new LogicException("connection $fd is not open");
        }
        if ($type === Wire::MESSAGE || $meta === '' || $type === Wire::CLOSE) {
            $code |= $this->connections[$fd]['listener'] << 16;
        }
        $frame = Wire::pack($type, $flags, $opcode, 1, ++$this->lastId, $fd, $code, $meta, $payload);
        return $this->take(new Result($fd, $this->run->hosted(Wire::read($frame)[0])));
    }
}
