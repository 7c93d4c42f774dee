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
    private Clients $clients;
    private int $lastId = 0;
    private Runtime $run;

    /** The body of the request that is being handled. */
    private string $body = '';

    /** @var list<array<string, mixed>> parts of responses that left before their event was over, in order */
    public array $sent = [];
    private Tasks $tasks;

    /**
     * What taskwait() and its like get for a task: its data and position in, null for no result. Nobody runs it.
     *
     * @var (Closure(mixed, int): mixed)|null
     */
    public ?Closure $waited = null;

    /** How many questions were asked so far. */
    public int $questions = 0;

    private function __construct()
    {
        $this->clients = new Clients();
        $this->tasks = new Tasks();
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
        return $this->clients->received[$fd] ?? [];
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
        $fd = $this->clients->admit($connection);
        $meta = Wire::json($this->clients->all[$fd]);
        return $this->deliver(Wire::OPEN, 0, 0, $fd, 0, $meta, self::head('GET', $target, $headers));
    }

    /**
     * A client sends an HTTP request: the request event, on a connection of its own.
     *
     * @param array<string, string|list<string>> $headers by lower-case name
     * @param int $stream the id of its stream of HTTP/2; 0: HTTP/1
     */
    public function request(
        string $method,
        string $target,
        array $headers = [],
        string $body = '',
        int $stream = 0
    ): Result {
        $fd = $this->clients->admit(['status' => 0]);
        $head = self::head($method, $target, $headers);
        $this->body = $body;
        $over = $stream > 0 ? ['fd' => $fd, 'stream' => $stream] : [];
        $meta = Wire::json($over + $this->clients->all[$fd]);
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
        $fd = $this->clients->admit(['listener' => $listener, 'status' => 0] + $connection);
        if (!$this->wants('connect', $listener)) {
            return new Result($fd, '');
        }
        return $this->deliver(Wire::CONNECT, 0, 0, $fd, 0, Wire::json($this->clients->all[$fd]), '');
    }

    /**
     * A client of a TCP port sends a packet.
     */
    public function receive(int $fd, string $data): Result
    {
        $this->clients->all[$fd]['recv_time'] = microtime(true);
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
        $this->clients->all[$fd]['recv_time'] = microtime(true);
        $attributes = $this->clients->attributes($fd);
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
        $ours = ['server', 'php_failed', 'php_busy', 'php_down', 'shutdown', 'expired'];
        $flags = in_array($cause, $ours, true) ? 1 : 0;
        $this->clients->closing = $fd;
        $this->clients->rooms->drop($fd);
        $spoken = (int) ($this->clients->all[$fd]['status'] ?? 0);
        try {
            $meta = Wire::json(['cause' => $cause] + $this->clients->attributes($fd));
            return $this->deliver(Wire::CLOSE, $flags, $spoken, $fd, $code, $meta, $reason);
        } finally {
            $this->clients->closing = null;
            $this->clients->rooms->forget($fd);
            unset($this->clients->all[$fd]);
        }
    }

    /**
     * @return list<int> the connections that are open
     */
    public function open(): array
    {
        return $this->clients->open();
    }

    /**
     * Answers as docs/protocol.md section 4 says; called by the code under test.
     */
    public function ask(int $type, int $fd, int $code): Event
    {
        $this->questions++;
        return $this->clients->ask($type, $fd, $code);
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
            return $this->clients->gateway($type, $flags, $opcode, $fd, $code, $meta, $data);
        }
        if ($type === Wire::TASKS) {
            return $this->tasks->answer($reply, $opcode, (array) json_decode($meta, true), $data, $this->waited);
        }
        if ($type === Wire::STATS) {
            $stats = ['connection_num' => count($this->clients->all), 'session_round' => $this->clients->last];
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
        $status = $code & 0xffff;
        $file += $code >> 16 > 0 ? ['stream' => $code >> 16] : [];
        $this->sent[] = ['fd' => $fd, 'flags' => $flags, 'status' => $status, 'head' => $meta, 'data' => $data] + $file;
        return $reply;
    }

    /**
     * Runs the tasks that were queued, and delivers their results; what these queue too.
     *
     * @return list<Result> of task events and finish events, in order
     */
    public function runTasks(): array
    {
        return $this->tasks->run($this);
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
     * @param array<string, string|list<string>> $headers
     */
    private static function head(string $method, string $target, array $headers): string
    {
        $head = "$method $target HTTP/1.1\r\n";
        foreach (array_change_key_case($headers) + ['host' => '127.0.0.1:9501'] as $name => $values) {
            foreach ((array) $values as $value) {
                $head .= "$name: $value\r\n";
            }
        }
        return "$head\r\n";
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
                $this->clients->step($result, $step);
            }
            foreach ($result->changes as $change) {
                if ($change['what'] === Wire::BIND && isset($this->clients->all[$change['fd']])) {
                    $this->clients->all[$change['fd']] += ['uid' => unpack('J', $change['data'])[1]];
                }
            }
            $this->tasks->queue($result->tasks);
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
        if (!isset($this->clients->all[$fd])) {
            throw new LogicException("connection $fd is not open");
        }
        if ($type === Wire::MESSAGE || $meta === '' || $type === Wire::CLOSE) {
            $code |= $this->clients->all[$fd]['listener'] << 16;
        }
        $frame = Wire::pack($type, $flags, $opcode, 1, ++$this->lastId, $fd, $code, $meta, $payload);
        return $this->take(new Result($fd, $this->run->hosted(Wire::read($frame)[0])));
    }
}
