<?php

// Written by bundle.php from the files named below. Do not edit.

// compat/Values.php
namespace FpmBridge\Compat {
final class Values
{
    public const BASE = 1;
    public const CLOSE_NORMAL = 1000;
    public const ERROR_DATA_LENGTH_TOO_LARGE = 1203;
    public const ERROR_HTTP_CONTEXT_UNAVAILABLE = 7106;
    public const ERROR_INVALID_PARAMS = 505;
    public const ERROR_NO_PAYLOAD = 550;
    public const ERROR_PROTOCOL_ERROR = 508;
    public const ERROR_SESSION_CLOSED = 1004;
    public const ERROR_SESSION_CLOSING = 1003;
    public const ERROR_SESSION_NOT_EXIST = 1005;
    public const ERROR_WEBSOCKET_PACK_FAILED = 8505;
    public const FLAG_COMPRESS = 2;
    public const FLAG_FIN = 1;
    public const FLAG_MASK = 32;
    public const FLAG_RSV1 = 4;
    public const FLAG_RSV2 = 8;
    public const FLAG_RSV3 = 16;
    public const OPCODE_BINARY = 2;
    public const OPCODE_CLOSE = 8;
    public const OPCODE_PING = 9;
    public const OPCODE_PONG = 10;
    public const OPCODE_TEXT = 1;
    public const SOCK_TCP = 1;
    public const SSL = 512;
    public const STATUS_ACTIVE = 3;
    public const STATUS_CLOSING = 4;
    public const WORKER_BUSY = 1;
}
}

// compat/State.php
namespace FpmBridge\Compat {
use FpmBridge\Connections;
use FpmBridge\Event;
use FpmBridge\Reply;
use FpmBridge\Runtime;
use FpmBridge\Wire;
final class State
{
    public const UNKNOWN = 0;
    public const OPEN = 1;
    public const CLOSED = 2;
    public const SHAKING = 2;
    public Runtime $run;
    public Reply $reply;
    public bool $started = false;
    public array $callbacks = [];
    public array $given = [];
    public array $warnings = [];
    public int $own = 0;
    public bool $closing = false;
    public bool $byServer = false;
    public int $spoken = 0;
    private array $closed = [];
    public function __construct(Runtime $run)
    {
        $this->run = $run;
        $this->reply = $run->reply;
    }
    public function begin(Event $event): void
    {
        $this->own = $event->fd;
        $this->closing = $event->type === Wire::CLOSE;
        $this->byServer = $this->closing && ($event->flags & 1) !== 0;
        $this->closed = [];
        $this->spoken = Connections::WEBSOCKET;
        if ($this->closing) {
            $this->spoken = $event->opcode;
        } elseif ($event->type === Wire::REQUEST || $event->type === Wire::CONNECT) {
            $this->spoken = Connections::PLAIN;
        } elseif ($event->type === Wire::HANDSHAKE) {
            $this->spoken = self::SHAKING;
        }
    }
    public function upgraded(int $fd): void
    {
        if ($fd === $this->own) {
            $this->spoken = Connections::WEBSOCKET;
        }
    }
    public function spoken(int $fd): int
    {
        return $fd === $this->own ? $this->spoken : $this->run->connections()->status($fd);
    }
    public function status(int $fd): int
    {
        if ($this->closed !== [] && isset($this->closed[$fd])) {
            return self::CLOSED;
        }
        if ($fd === $this->own) {
            return $this->closing ? self::CLOSED : self::OPEN;
        }
        return $fd > 0 && $this->run->connections()->exists($fd) ? self::OPEN : self::UNKNOWN;
    }
    public function close(int $fd): void
    {
        $this->closed[$fd] = true;
    }
    public function open(array $fds): array
    {
        return $this->closed === [] ? $fds : array_diff($fds, array_keys($this->closed));
    }
}
}

// compat/Swoole/Server.php
namespace Swoole {
use FpmBridge\Compat\Boot;
use FpmBridge\Compat\Dispatch;
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Scheduler;
use FpmBridge\Compat\State;
use FpmBridge\Compat\Values;
use FpmBridge\Event;
use FpmBridge\Reply;
use FpmBridge\Runtime;
use FpmBridge\Unsupported;
use FpmBridge\Wire;
use Swoole\Connection\Iterator;
use Swoole\Http\Request;
use Swoole\Server\Port;
use Swoole\WebSocket\Frame;
#[\AllowDynamicProperties]
class Server
{
    public const SIMPLE_MODE = 1;
    public const POOL_MODE = 2;
    public const IPC_UNSOCK = 1;
    public const IPC_MSGQUEUE = 2;
    public const IPC_PREEMPTIVE = 3;
    public const DISPATCH_RESULT_DISCARD_PACKET = -1;
    public const DISPATCH_RESULT_CLOSE_CONNECTION = -2;
    public const DISPATCH_RESULT_USERFUNC_FALLBACK = -3;
    public const TASK_TMPFILE = 1;
    public const TASK_SERIALIZE = 2;
    public const TASK_NONBLOCK = 4;
    public const TASK_CALLBACK = 8;
    public const TASK_WAITALL = 16;
    public const TASK_COROUTINE = 32;
    public const TASK_PEEK = 64;
    public const TASK_NOREPLY = 128;
    public const WORKER_BUSY = 1;
    public const WORKER_IDLE = 2;
    public const WORKER_EXIT = 3;
    public const STATS_DEFAULT = 0;
    public const STATS_JSON = 1;
    public const STATS_OPENMETRICS = 2;
    public $setting = null;
    public $connections = null;
    public $host = '';
    public $port = 0;
    public $type = 0;
    public $ssl = false;
    public $mode = 0;
    public $ports = null;
    public $master_pid = 0;
    public $manager_pid = 0;
    public $worker_id = -1;
    public $taskworker = false;
    public $worker_pid = 0;
    public $stats_timer = null;
    public $admin_server = null;
    protected $fpmbridge;
    private const SERVER_EVENTS = [
        'start' => false, 'beforeshutdown' => false, 'shutdown' => false, 'workerstart' => true, 'workerstop' => false,
        'beforereload' => false, 'afterreload' => false, 'task' => false, 'finish' => false, 'workerexit' => false,
        'workererror' => false, 'managerstart' => false, 'managerstop' => false, 'pipemessage' => false,
    ];
    private const PORT_EVENTS = [
        'connect' => true, 'receive' => false, 'close' => true, 'packet' => false, 'bufferfull' => false,
        'bufferempty' => false, 'request' => true, 'handshake' => true, 'open' => true, 'message' => true,
        'disconnect' => true, 'beforehandshakeresponse' => true,
    ];
    private const TO_BRIDGE = [
        'open', 'message', 'close', 'connect', 'request', 'handshake', 'beforehandshakeresponse', 'disconnect',
    ];
    private const DEFAULTS = [
        'worker_num' => 1,
        'task_worker_num' => 0,
        'output_buffer_size' => 4294967295,
        'max_connection' => 100000,
        'open_http_protocol' => true,
        'open_websocket_protocol' => true,
        'open_mqtt_protocol' => false,
        'open_eof_check' => false,
        'open_length_check' => false,
    ];
    private const SIZES = [
        'package_max_length' => true, 'socket_buffer_size' => true, 'buffer_high_watermark' => true,
        'buffer_low_watermark' => true, 'output_buffer_size' => true, 'buffer_output_size' => true,
        'input_buffer_size' => true, 'buffer_input_size' => true, 'upload_max_filesize' => true,
        'max_queued_bytes' => true, 'kernel_socket_recv_buffer_size' => true, 'kernel_socket_send_buffer_size' => true,
    ];
    private const RESIDENT = 'needs a PHP process that stays: use --mode resident (not in this version yet)';
    public function __construct(
        string $host = '0.0.0.0',
        int $port = 0,
        int $mode = Values::BASE,
        int $sock_type = Values::SOCK_TCP
    ) {
        $given = func_num_args();
        if ($given < 1 || $given > 4) {
            $want = $given < 1 ? 'at least 1 argument' : 'at most 4 arguments';
            throw new \ArgumentCountError(__METHOD__ . "() expects $want, $given given");
        }
        if ($this->fpmbridge !== null) {
            throw new \Error('Constructor of ' . static::class . ' can only be called once');
        }
        $run = Runtime::require();
        if (!$run->build($this)) {
            throw new Exception('server is running. unable to create ' . static::class, -3);
        }
        $this->fpmbridge = new State($run);
        $this->host = $host;
        $this->port = $port;
        $this->mode = $mode;
        $this->type = $sock_type & ~Values::SSL;
        $this->ssl = ($sock_type & Values::SSL) !== 0;
        if ($port === 0) {
            $this->port = (int) substr((string) strrchr($run->environment->listen(), ':'), 1);
        }
        $this->connections = new Iterator($this, $this->fpmbridge);
        $this->ports = [Port::ofServer($this)];
    }
    public function on(string $event_name, $callback): bool
    {
        $state = $this->fpmbridge;
        if ($state->started) {
            return Loader::warn(__METHOD__, 'server is running, unable to register ' . $event_name . ' callback');
        }
        $name = strtolower($event_name);
        $served = self::SERVER_EVENTS[$name] ?? self::PORT_EVENTS[$name] ?? null;
        if ($served === null) {
            if (!$state->run->isDescribing()) {
                return Loader::fail(503);
            }
            $meant = Boot::nearest($name, array_keys(self::SERVER_EVENTS + self::PORT_EVENTS));
            $text = "unknown event types[$event_name]";
            $state->warnings[] = $text . ($meant === null ? '' : ": did you mean $meant?");
            return Loader::warn('Swoole\Server\Port::on', $text);
        }
        unset($state->given[$name]);
        if (!is_callable($callback)) {
            $state->given[$name] = $callback;
            $callback = Boot::closure($callback);
            if ($callback === null) {
                is_callable($state->given[$name], true, $called);
                $state->run->abort(__METHOD__ . "(): function '$called' is not callable");
            }
        }
        if (!$served) {
            $state->warnings[] = "$name: not served yet in this version";
        }
        $state->callbacks[$name] = $callback;
        return true;
    }
    public function getCallback(string $event_name)
    {
        $name = strtolower($event_name);
        return $this->fpmbridge->given[$name] ?? $this->fpmbridge->callbacks[$name] ?? null;
    }
    public function set(array $settings): bool
    {
        if ($this->fpmbridge->started) {
            return Loader::warn(__METHOD__, 'server is running, unable to execute ' . static::class . '->set');
        }
        $this->setting = $settings + ($this->setting ?? []);
        if ($this->fpmbridge->run->isDescribing()) {
            foreach (Boot::unsupported($settings) as $option) {
                trigger_error("unsupported option [$option]", E_USER_WARNING);
            }
        }
        return true;
    }
    public function start(): bool
    {
        $state = $this->fpmbridge;
        if ($state->started) {
            return Loader::warn(__METHOD__, 'server is running, unable to execute ' . static::class . '->start()');
        }
        if (class_exists(Scheduler::class, false) && Scheduler::hasLoop()) {
            $text = 'eventLoop has already been created, unable to start ' . static::class;
            $state->run->unstarted = "$text: a coroutine was made before, outside of Co\\run()";
            return Loader::warn(__METHOD__, $text);
        }
        $kind = 'tcp';
        $needs = 'receive';
        if ($this instanceof WebSocket\Server) {
            $kind = 'websocket';
            $needs = 'message';
        } elseif ($this instanceof Http\Server) {
            $kind = 'http';
            $needs = 'request';
        }
        if (!isset($state->callbacks[$needs])) {
            $state->run->abort(__METHOD__ . '(): require on' . ucfirst($needs) . ' callback');
        }
        $events = [];
        foreach (self::TO_BRIDGE as $name) {
            if (isset($state->callbacks[$name])) {
                $events[] = $name;
            }
        }
        if (isset($state->callbacks['disconnect']) && !isset($state->callbacks['close'])) {
            $events[] = 'close';
        }
        $settings = $this->setting ?? [];
        foreach ($settings as $option => $value) {
            if (is_string($value) && isset(self::SIZES[$option])) {
                $settings[$option] = $this->size($value);
            }
        }
        $type = $this->type | ($this->ssl ? Values::SSL : 0);
        $identity = "$kind $this->mode $this->host $this->port $type " . implode(' ', $events)
            . ($settings === [] ? '' : Wire::json($settings));
        $describe = function () use ($kind, $settings, $type, $events, $state): array {
            return [
                'kind' => $kind,
                'batch' => true,
                'mode' => $this->mode,
                'settings' => (object) $settings,
                'listeners' => [[
                    'host' => $this->host, 'port' => $this->port, 'type' => $type, 'events' => $events,
                ]],
                'warnings' => array_merge($state->warnings, Boot::notes($settings, $state->callbacks)),
            ];
        };
        $this->setting = ($this->setting ?? []) + self::DEFAULTS;
        $this->ports[0]->setting = $this->setting;
        $this->worker_id = $state->run->environment->worker();
        $this->worker_pid = getmypid();
        $this->master_pid = $this->manager_pid = function_exists('posix_getppid') ? posix_getppid() : 0;
        $state->started = true;
        $before = null;
        if (isset($state->callbacks['workerstart'])) {
            $before = function () use ($state): void {
                ($state->callbacks['workerstart'])($this, $this->worker_id);
            };
        }
        $state->run->serve($identity, $describe, function (Event $event, Reply $reply) use ($state): void {
            $state->begin($event);
            switch ($event->type) {
                case Wire::MESSAGE:
                    $frame = new Frame();
                    $frame->fd = $event->fd;
                    $frame->data = $event->data;
                    $frame->opcode = $event->opcode;
                    $frame->flags = $event->flags;
                    $frame->finish = ($event->flags & Wire::FIN) !== 0;
                    ($state->callbacks['message'])($this, $frame);
                    break;
                case Wire::OPEN:
                    if (isset($state->callbacks['open'])) {
                        ($state->callbacks['open'])($this, Request::ofEvent($event));
                    }
                    break;
                case Wire::CLOSE:
                    $name = 'close';
                    if ($state->spoken !== Values::STATUS_ACTIVE && isset($state->callbacks['disconnect'])) {
                        $name = 'disconnect';
                    }
                    if (isset($state->callbacks[$name])) {
                        ($state->callbacks[$name])($this, $event->fd, $state->byServer ? -1 : 0);
                    }
                    break;
                case Wire::CONNECT:
                    if (isset($state->callbacks['connect'])) {
                        ($state->callbacks['connect'])($this, $event->fd, 0);
                    }
                    break;
                case Wire::REQUEST:
                case Wire::HANDSHAKE:
                case Wire::BEFORE_HANDSHAKE:
                    Dispatch::http($this, $event, $state, $this->setting);
                    break;
            }
        }, $before);
        return true;
    }
    public function exists(int $fd): bool
    {
        return $this->started(__METHOD__) && $this->fpmbridge->status($fd) === State::OPEN;
    }
    public function exist(int $fd): bool
    {
        return $this->exists($fd);
    }
    public function close(int $fd, bool $reset = false): bool
    {
        $state = $this->fpmbridge;
        if (!$this->started(__METHOD__)) {
            return false;
        }
        switch ($state->status($fd)) {
            case State::UNKNOWN:
                return Loader::fail(Values::ERROR_SESSION_NOT_EXIST);
            case State::CLOSED:
                if (!$reset || $fd === $state->own && $state->closing) {
                    $ours = $fd === $state->own && $state->closing;
                    return Loader::fail($ours ? Values::ERROR_SESSION_CLOSING : Values::ERROR_SESSION_CLOSED);
                }
        }
        $state->reply->end($fd, 0, '', Wire::CLOSE_BARE | ($reset ? Wire::CLOSE_RESET : 0));
        $state->close($fd);
        return true;
    }
    public function getClientInfo(int $fd, int $reactor_id = -1, bool $ignoreError = false)
    {
        if (!$this->started(__METHOD__)) {
            return false;
        }
        $state = $this->fpmbridge;
        $event = $state->run->event;
        $info = $event !== null && $event->fd === $fd && $event->type !== Wire::MESSAGE
            && $event->type !== Wire::CLOSE
            ? $event->connection()
            : $state->run->connections()->info($fd);
        if ($info === null || $info === []) {
            return false;
        }
        $status = (int) $info['status'];
        if ($fd === $state->own && $state->closing) {
            $status = $state->spoken;
        }
        return [
            'websocket_status' => $status,
            'server_port' => (int) $info['server_port'],
            'server_fd' => (int) $info['listener'] + 3,
            'socket_fd' => $fd,
            'socket_type' => $this->type,
            'remote_port' => (int) $info['remote_port'],
            'remote_ip' => (string) $info['remote_addr'],
            'reactor_id' => 0,
            'connect_time' => (int) $info['connect_time'],
            'last_time' => (int) $info['recv_time'],
            'last_recv_time' => (float) $info['recv_time'],
            'last_send_time' => (float) $info['send_time'],
            'last_dispatch_time' => (float) $info['dispatch_time'],
            'close_errno' => 0,
            'recv_queued_bytes' => (int) $info['inbox_bytes'],
            'send_queued_bytes' => (int) $info['outbox_bytes'],
        ];
    }
    public function connection_info(int $fd, int $reactor_id = -1, bool $ignoreError = false)
    {
        return $this->getClientInfo($fd, $reactor_id, $ignoreError);
    }
    public function getClientList(int $start_fd = 0, int $find_count = 10)
    {
        if (!$this->started(__METHOD__)) {
            return false;
        }
        if ($find_count > 100) {
            return Loader::warn(__METHOD__, 'swoole connection list max_find_count=100');
        }
        $fds = $this->fpmbridge->run->connections()->list($start_fd, max(1, $find_count));
        return $fds === null || $fds === [] ? false : array_values($this->fpmbridge->open($fds));
    }
    public function connection_list(int $start_fd = 0, int $find_count = 10)
    {
        return $this->getClientList($start_fd, $find_count);
    }
    public function getLastError(): int
    {
        return Loader::$lastError;
    }
    public function getWorkerId()
    {
        return $this->fpmbridge->started ? $this->worker_id : false;
    }
    public function getWorkerPid(int $worker_id = -1)
    {
        return $this->fpmbridge->started && ($worker_id < 0 || $worker_id === $this->worker_id)
            ? $this->worker_pid
            : false;
    }
    public function getWorkerStatus(int $worker_id = -1)
    {
        return $this->getWorkerPid($worker_id) === false ? false : Values::WORKER_BUSY;
    }
    public function getManagerPid(): int
    {
        return $this->manager_pid;
    }
    public function getMasterPid(): int
    {
        return $this->master_pid;
    }
    public function heartbeat(bool $ifCloseConnection = true)
    {
        if (!$this->started(__METHOD__) || (int) ($this->setting['heartbeat_check_interval'] ?? 0) < 1) {
            return false;
        }
        throw $this->unsupported('heartbeat', 'the bridge closes dead connections by itself (ping.timeout)');
    }
    public function listen(string $host, int $port, int $sock_type)
    {
        throw $this->unsupported('listen', 'start a second bridge for a second port');
    }
    public function addlistener(string $host, int $port, int $sock_type)
    {
        throw $this->unsupported('addlistener', 'start a second bridge for a second port');
    }
    public function send($fd, string $send_data, int $serverSocket = -1): bool
    {
        throw $this->unsupported('send', 'send a WebSocket message with push()');
    }
    public function sendfile(int $conn_fd, string $filename, int $offset = 0, int $length = 0): bool
    {
        throw $this->unsupported('sendfile', 'send a WebSocket message with push()');
    }
    public function sendto(string $ip, int $port, string $send_data, int $server_socket = -1): bool
    {
        throw $this->unsupported('sendto', 'the bridge serves no UDP: use stream_socket_client("udp://…")');
    }
    public function sendwait(int $conn_fd, string $send_data): bool
    {
        throw $this->unsupported('sendwait', 'send a WebSocket message with push()');
    }
    public function protect(int $fd, bool $is_protected = true): bool
    {
        throw $this->unsupported('protect', 'raise ping.timeout in bridge.yaml for all connections');
    }
    public function bind(int $fd, int $uid): bool
    {
        throw $this->unsupported('bind', 'keep the user of an fd in a database or cache');
    }
    public function pause(int $fd): bool
    {
        throw $this->unsupported('pause', 'the bridge stops reading a connection whose inbox is full by itself');
    }
    public function resume(int $fd): bool
    {
        throw $this->unsupported('resume', 'the bridge stops reading a connection whose inbox is full by itself');
    }
    public function confirm(int $fd): bool
    {
        throw $this->unsupported('confirm', 'leave enable_delay_receive out');
    }
    public function task($data, int $taskWorkerIndex = -1, ?callable $finishCallback = null)
    {
        throw $this->unsupported('task', 'do the work in the event, or use --mode resident (not in this version yet)');
    }
    public function taskwait($data, float $timeout = 0.5, int $taskWorkerIndex = -1)
    {
        throw $this->unsupported('taskwait', 'call the task\'s code directly');
    }
    public function taskWaitMulti(array $tasks, float $timeout = 0.5)
    {
        throw $this->unsupported('taskWaitMulti', 'call the tasks\' code directly');
    }
    public function taskCo(array $tasks, float $timeout = 0.5)
    {
        throw $this->unsupported('taskCo', 'call the tasks\' code directly');
    }
    public function finish($data): bool
    {
        throw $this->unsupported('finish', 'there are no task workers yet');
    }
    public function sendMessage($message, int $dst_worker_id): bool
    {
        throw new Unsupported('Swoole\Server::sendMessage() ' . self::RESIDENT);
    }
    public function addProcess($process)
    {
        throw new Unsupported('Swoole\Server::addProcess() ' . self::RESIDENT);
    }
    public function addCommand(string $name, int $accepted_process_types, callable $callback): bool
    {
        throw $this->unsupported('addCommand', 'ask the bridge\'s own API');
    }
    public function command(string $name, int $process_id, int $process_type, $data, bool $json_decode = true)
    {
        throw $this->unsupported('command', 'ask the bridge\'s own API');
    }
    public function reload(bool $only_reload_taskworker = false): bool
    {
        throw $this->unsupported('reload', 'each event runs the script anew: save the file, that is a reload');
    }
    public function stop(int $workerId = -1): bool
    {
        throw $this->unsupported('stop', 'each event runs the script anew: there is no worker to stop');
    }
    public function shutdown(): bool
    {
        throw $this->unsupported('shutdown', 'stop the bridge with SIGTERM');
    }
    public function stats(): array
    {
        throw $this->unsupported('stats', 'count($server->connections) works; the rest is in the bridge\'s metrics');
    }
    public function __call($name, $arguments)
    {
        switch (strtolower($name)) {
            case 'tick':
            case 'addtimer':
                return Timer::tick($arguments[0], $arguments[1] ?? 'strlen', ...array_slice($arguments, 2));
            case 'after':
                return Timer::after(...$arguments);
            case 'cleartimer':
            case 'deltimer':
                return Timer::clear(...$arguments);
            case 'defer':
                return \Swoole\Event::defer(...$arguments);
        }
        throw new \Error('Call to undefined method ' . static::class . "::$name()");
    }
    final protected function started(string $method): bool
    {
        return $this->fpmbridge->started || Loader::warn($method, 'server is not running');
    }
    private function size(string $size): int
    {
        if (preg_match('/^\s*(\d+)\s*([kmg]?)\s*$/i', $size, $parts) !== 1) {
            $this->fpmbridge->run->abort("Swoole\Server::set(): failed to parse '$size' to size");
        }
        return (int) $parts[1] << ['' => 0, 'k' => 10, 'm' => 20, 'g' => 30][strtolower($parts[2])];
    }
    private function unsupported(string $method, string $instead): Unsupported
    {
        return new Unsupported("Swoole\\Server::$method() is not in this version of fpmbridge: $instead");
    }
}
}

// compat/Swoole/Http/Server.php
namespace Swoole\Http {
use Swoole\Server as BaseServer;
class Server extends BaseServer
{
}
}

// compat/Swoole/WebSocket/Server.php
namespace Swoole\WebSocket {
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\State;
use FpmBridge\Compat\Values;
use FpmBridge\Wire;
use Swoole\Http\Server as HttpServer;
class Server extends HttpServer
{
    public const WEBSOCKET_STATUS_CONNECTION = 1;
    public const WEBSOCKET_STATUS_HANDSHAKE = 2;
    public const WEBSOCKET_STATUS_ACTIVE = 3;
    public const WEBSOCKET_STATUS_CLOSING = 4;
    public const WEBSOCKET_OPCODE_CONTINUATION = 0;
    public const WEBSOCKET_OPCODE_TEXT = 1;
    public const WEBSOCKET_OPCODE_BINARY = 2;
    public const WEBSOCKET_OPCODE_CLOSE = 8;
    public const WEBSOCKET_OPCODE_PING = 9;
    public const WEBSOCKET_OPCODE_PONG = 10;
    public const WEBSOCKET_FLAG_FIN = 1;
    public const WEBSOCKET_FLAG_COMPRESS = 2;
    public const WEBSOCKET_FLAG_RSV1 = 4;
    public const WEBSOCKET_FLAG_RSV2 = 8;
    public const WEBSOCKET_FLAG_RSV3 = 16;
    public const WEBSOCKET_FLAG_MASK = 32;
    public const WEBSOCKET_CLOSE_NORMAL = 1000;
    public const WEBSOCKET_CLOSE_GOING_AWAY = 1001;
    public const WEBSOCKET_CLOSE_PROTOCOL_ERROR = 1002;
    public const WEBSOCKET_CLOSE_DATA_ERROR = 1003;
    public const WEBSOCKET_CLOSE_STATUS_ERROR = 1005;
    public const WEBSOCKET_CLOSE_ABNORMAL = 1006;
    public const WEBSOCKET_CLOSE_MESSAGE_ERROR = 1007;
    public const WEBSOCKET_CLOSE_POLICY_ERROR = 1008;
    public const WEBSOCKET_CLOSE_MESSAGE_TOO_BIG = 1009;
    public const WEBSOCKET_CLOSE_EXTENSION_MISSING = 1010;
    public const WEBSOCKET_CLOSE_SERVER_ERROR = 1011;
    public const WEBSOCKET_CLOSE_TLS = 1015;
    private const MAX_CONTROL = 125;
    private const MAX_DATA = 16252928;
    public function push(int $fd, $data, int $opcode = Values::OPCODE_TEXT, $flags = Values::FLAG_FIN): bool
    {
        $state = $this->fpmbridge;
        if (!$this->reachable(__METHOD__, $state, $fd)) {
            return false;
        }
        if ($data instanceof Frame || $opcode >= Values::OPCODE_CLOSE) {
            [$data, $opcode, $flags] = Frame::parts($data, $opcode, $flags);
        } else {
            $data = (string) $data;
        }
        if ($opcode > Values::OPCODE_PONG || $opcode < 0) {
            return Loader::warn(__METHOD__, 'the maximum value of opcode is 10', Values::ERROR_WEBSOCKET_PACK_FAILED);
        }
        if ($data === null) {
            return false;
        }
        $bits = $flags & Wire::FIN;
        if ($opcode >= Values::OPCODE_CLOSE) {
            if (strlen($data) > self::MAX_CONTROL) {
                return Loader::warn(
                    __METHOD__,
                    'a control frame carries at most 125 bytes',
                    Values::ERROR_WEBSOCKET_PACK_FAILED
                );
            }
        } elseif (strlen($data) > self::MAX_DATA) {
            return Loader::warn(
                __METHOD__,
                'the data of ' . strlen($data) . ' bytes is too large: ' . self::MAX_DATA,
                Values::ERROR_DATA_LENGTH_TOO_LARGE
            );
        } elseif ($bits !== 0 && $opcode !== 0) {
            $bits |= Wire::COMPRESS;
        }
        $state->reply->frame($fd, $data, $opcode, $bits);
        return true;
    }
    public function disconnect(int $fd, int $code = Values::CLOSE_NORMAL, string $reason = ''): bool
    {
        $state = $this->fpmbridge;
        if (!$this->reachable(__METHOD__, $state, $fd)) {
            return false;
        }
        $code &= 0xffff;
        if ($code < 1000 || $code > 4999) {
            return Loader::warn(__METHOD__, "close code $code must not be sent", Values::ERROR_INVALID_PARAMS);
        }
        if (strlen($reason) > 123) {
            return Loader::warn(__METHOD__, 'the max length of close reason is 123', Values::ERROR_INVALID_PARAMS);
        }
        $state->reply->end($fd, $code, $reason, Wire::CLOSE_NO_WAIT);
        $state->close($fd);
        return true;
    }
    public function ping(int $fd, string $data = ''): bool
    {
        return $this->push($fd, $data, Values::OPCODE_PING);
    }
    public function isEstablished(int $fd): bool
    {
        return $this->started(__METHOD__) && $this->fpmbridge->status($fd) === State::OPEN
            && $this->fpmbridge->spoken($fd) === Values::STATUS_ACTIVE;
    }
    public static function pack($data, int $opcode = Values::OPCODE_TEXT, $flags = Values::FLAG_FIN): string
    {
        return Frame::pack($data, $opcode, $flags);
    }
    public static function unpack(string $data)
    {
        return Frame::unpack($data);
    }
    private function reachable(string $method, State $state, int $fd): bool
    {
        if (!$state->started) {
            return Loader::warn($method, 'server is not running');
        }
        if ($fd <= 0) {
            return Loader::warn($method, "fd[$fd] is invalid");
        }
        $status = $state->status($fd);
        if ($status === State::OPEN) {
            return $state->spoken($fd) >= State::SHAKING || Loader::warn(
                $method,
                "the connected client of connection[$fd] is not a websocket client or closed"
            );
        }
        return $status === State::CLOSED
            ? Loader::fail(Values::ERROR_SESSION_CLOSED)
            : Loader::warn($method, "session#$fd does not exists");
    }
}
}

// compat/Swoole/WebSocket/Frame.php
namespace Swoole\WebSocket {
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Values;
#[\AllowDynamicProperties]
class Frame
{
    public $fd = 0;
    public $data = '';
    public $opcode = 1;
    public $flags = 1;
    public $finish = null;
    public function __toString(): string
    {
        return self::pack($this);
    }
    public static function pack($data, int $opcode = Values::OPCODE_TEXT, $flags = Values::FLAG_FIN): string
    {
        [$payload, $opcode, $flags] = self::parts($data, $opcode, $flags);
        if ($opcode > Values::OPCODE_PONG || $opcode < 0) {
            Loader::warn(__METHOD__, 'the maximum value of opcode is 10', Values::ERROR_WEBSOCKET_PACK_FAILED);
            return '';
        }
        if ($payload === null) {
            return '';
        }
        $fin = ($flags & Values::FLAG_FIN) !== 0;
        $first = ($fin ? 0x80 : 0) | $opcode
            | (($flags & Values::FLAG_RSV1) !== 0 ? 0x40 : 0)
            | (($flags & Values::FLAG_RSV2) !== 0 ? 0x20 : 0)
            | (($flags & Values::FLAG_RSV3) !== 0 ? 0x10 : 0);
        $deflate = ($flags & Values::FLAG_COMPRESS) !== 0 && $fin && $payload !== ''
            && ($opcode === Values::OPCODE_TEXT || $opcode === Values::OPCODE_BINARY);
        if ($deflate) {
            $context = deflate_init(ZLIB_ENCODING_RAW);
            $payload = substr(deflate_add($context, $payload, ZLIB_SYNC_FLUSH), 0, -4);
            $first |= 0x40;
        }
        $masked = ($flags & Values::FLAG_MASK) !== 0;
        $bit = $masked ? 0x80 : 0;
        $length = strlen($payload);
        if ($length < 126) {
            $head = chr($first) . chr($bit | $length);
        } elseif ($length < 65536) {
            $head = pack('CCn', $first, $bit | 126, $length);
        } else {
            $head = pack('CCJ', $first, $bit | 127, $length);
        }
        return $masked ? $head . '258E' . self::mask($payload, '258E') : $head . $payload;
    }
    public static function unpack(string $data)
    {
        $size = strlen($data);
        if ($size < 2) {
            return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
        }
        $first = ord($data[0]);
        $masked = (ord($data[1]) & 0x80) !== 0;
        $length = ord($data[1]) & 0x7f;
        $at = 2;
        if ($length > 125) {
            $at = $length === 126 ? 4 : 10;
            if ($size < $at) {
                return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
            }
            $length = unpack($at === 4 ? 'n' : 'J', $data, 2)[1];
        }
        $key = $masked ? substr($data, $at, 4) : '';
        $at += $masked ? 4 : 0;
        if ($length < 0 || $size - $at < $length) {
            return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
        }
        $payload = substr($data, $at, $length);
        if ($masked) {
            $payload = self::mask($payload, $key);
        }
        $flags = (($first & 0x80) !== 0 ? Values::FLAG_FIN : 0)
            | (($first & 0x40) !== 0 ? Values::FLAG_RSV1 : 0)
            | (($first & 0x20) !== 0 ? Values::FLAG_RSV2 : 0)
            | (($first & 0x10) !== 0 ? Values::FLAG_RSV3 : 0)
            | ($masked ? Values::FLAG_MASK : 0);
        if (($first & 0x40) !== 0) {
            $context = inflate_init(ZLIB_ENCODING_RAW);
            $payload = @inflate_add($context, $payload . "\x00\x00\xff\xff", ZLIB_SYNC_FLUSH);
            if ($payload === false) {
                return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
            }
            $flags |= Values::FLAG_COMPRESS;
        }
        $opcode = $first & 0x0f;
        if ($opcode === Values::OPCODE_CLOSE) {
            $frame = new CloseFrame();
            if (strlen($payload) >= 2) {
                $frame->code = unpack('n', $payload)[1];
                $frame->code -= $frame->code > 32767 ? 65536 : 0;
                $frame->reason = (string) substr($payload, 2);
            }
        } else {
            $frame = new Frame();
            $frame->data = $payload;
        }
        $frame->opcode = $opcode;
        $frame->flags = $flags;
        $frame->finish = ($flags & Values::FLAG_FIN) !== 0;
        return $frame;
    }
    final public static function parts($data, $opcode, $flags): array
    {
        if (!$data instanceof self) {
            $text = (string) $data;
            $opcode = (int) $opcode;
            $payload = $opcode === Values::OPCODE_CLOSE ? "\0\0" . $text : $text;
            $flags = (int) $flags;
        } else {
            $opcode = (int) $data->opcode;
            $flags = (int) $data->flags;
            if ($data->finish !== null) {
                $flags = $data->finish ? $flags | Values::FLAG_FIN : $flags & ~Values::FLAG_FIN;
            }
            if ($opcode === Values::OPCODE_CLOSE) {
                $reason = (string) ($data->reason ?? '');
                $payload = pack('n', (int) ($data->code ?? Values::CLOSE_NORMAL)) . $reason;
                if (strlen($reason) > 125) {
                    Loader::warn(
                        'Swoole\WebSocket\Frame::pack',
                        'the max length of close reason is 125',
                        Values::ERROR_WEBSOCKET_PACK_FAILED
                    );
                    $payload = null;
                }
            } else {
                $payload = (string) $data->data;
            }
        }
        if ($opcode >= Values::OPCODE_CLOSE) {
            $flags = ($flags | Values::FLAG_FIN)
                & ~(Values::FLAG_RSV1 | Values::FLAG_COMPRESS);
        }
        return [$payload, $opcode, $flags];
    }
    private static function mask(string $payload, string $key): string
    {
        return $payload ^ substr(str_repeat($key, intdiv(strlen($payload) + 3, 4)), 0, strlen($payload));
    }
}
}

// compat/Swoole/Connection/Iterator.php
namespace Swoole\Connection {
use FpmBridge\Compat\State;
use Swoole\Server;
class Iterator implements \Iterator, \ArrayAccess, \Countable
{
    private $server;
    private $state;
    private $fds = [];
    private $at = 1;
    public function __construct($server = null, $state = null)
    {
        if (!$server instanceof Server || !$state instanceof State) {
            throw new \Error('please use the Swoole\Server->connections');
        }
        $this->server = \WeakReference::create($server);
        $this->state = $state;
    }
    public function count(): int
    {
        return $this->state->started ? $this->state->run->connections()->count() : 0;
    }
    public function rewind(): void
    {
        $this->at = 1;
        $this->fds = [];
        if ($this->state->started) {
            $fds = $this->state->run->connections()->list() ?? [];
            $open = $this->state->open($fds);
            if (count($open) < count($fds)) {
                array_unshift($open, 0);
                unset($open[0]);
            }
            $this->fds = $open;
        }
    }
    public function valid(): bool
    {
        return isset($this->fds[$this->at]);
    }
    #[\ReturnTypeWillChange]
    public function current()
    {
        return $this->fds[$this->at] ?? null;
    }
    #[\ReturnTypeWillChange]
    public function key()
    {
        return $this->at;
    }
    public function next(): void
    {
        $this->at++;
    }
    public function offsetExists($fd): bool
    {
        $server = $this->server->get();
        return $server !== null && $server->exists((int) $fd);
    }
    #[\ReturnTypeWillChange]
    public function offsetGet($fd)
    {
        $server = $this->server->get();
        return $server === null ? false : $server->getClientInfo((int) $fd);
    }
    public function offsetSet($fd, $value): void
    {
    }
    public function offsetUnset($fd): void
    {
    }
}
}

// compat/Swoole/Server/Port.php
namespace Swoole\Server {
use FpmBridge\Compat\State;
#[\AllowDynamicProperties]
class Port
{
    public $host = null;
    public $port = 0;
    public $type = 0;
    public $sock = -1;
    public $ssl = false;
    public $setting = null;
    public $connections = null;
    private $server = null;
    final public static function ofServer(\Swoole\Server $server): self
    {
        $port = new self();
        $port->host = $server->host;
        $port->port = $server->port;
        $port->type = $server->type;
        $port->ssl = $server->ssl;
        $port->connections = $server->connections;
        $port->server = \WeakReference::create($server);
        return $port;
    }
    public function set(array $settings): void
    {
        $this->setting = $settings + ($this->setting ?? []);
        if ($this->server !== null && $this->server->get() !== null) {
            $this->server->get()->set($settings);
        }
    }
    public function on(string $event_name, $callback): bool
    {
        return $this->server !== null && $this->server->get() !== null
            && $this->server->get()->on($event_name, $callback);
    }
    public function getCallback(string $event_name)
    {
        $server = $this->server === null ? null : $this->server->get();
        return $server === null ? null : $server->getCallback($event_name);
    }
}
}
