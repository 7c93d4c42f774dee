<?php

namespace Swoole;

use FpmBridge\Analysis\RequestMode;
use FpmBridge\Compat\Boot;
use FpmBridge\Compat\Child;
use FpmBridge\Compat\Control;
use FpmBridge\Compat\Jobs;
use FpmBridge\Compat\Dispatch;
use FpmBridge\Compat\Intervals;
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Nulls;
use FpmBridge\Compat\Placement;
use FpmBridge\Compat\Scheduler;
use FpmBridge\Compat\State;
use FpmBridge\Compat\Tasks;
use FpmBridge\Compat\Values;
use FpmBridge\Event;
use FpmBridge\Runtime;
use FpmBridge\Unsupported;
use FpmBridge\Wire;
use Swoole\Connection\Iterator;
use Swoole\Http\Request;
use Swoole\Server\Event as ConnectionEvent;
use Swoole\Server\Port;
use Swoole\WebSocket\CloseFrame;
use Swoole\WebSocket\Frame;

/**
 * Swoole\Server over the bridge. Each PHP run builds it, registers its callbacks and start()s it; start() handles the
 * run's events and ends the script.
 *
 * No strict_types here: callbacks get their arguments with PHP's weak typing, as from the extension.
 */
#[\AllowDynamicProperties]
class Server
{
    /** OpenSwoole's constants. */
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

    /** @var array|null what set() was given; start() adds defaults */
    public $setting = null;
    /** @var Iterator */
    public $connections = null;
    public $host = '';
    public $port = 0;
    /** SWOOLE_SOCK_*, without the SSL bit. */
    public $type = 0;
    public $ssl = false;
    /** What the constructor was given: the bridge behaves as SWOOLE_PROCESS whatever it says. */
    public $mode = 0;
    /** @var Port[] */
    public $ports = null;
    /** The bridge. */
    public $master_pid = 0;
    /** PHP-FPM's master. */
    public $manager_pid = 0;
    /** The bridge's slot modulo worker_num, -1 before start() and in the manager's callbacks. */
    public $worker_id = -1;
    public $taskworker = false;
    public $worker_pid = 0;
    public $stats_timer = null;
    public $admin_server = null;

    /** @var State */
    protected $fpmbridge;

    /** Events in lower case; false: of datagrams, which are not served. */
    private const SERVER_EVENTS = [
        'start' => true, 'beforeshutdown' => true, 'shutdown' => true, 'workerstart' => true, 'workerstop' => true,
        'beforereload' => true, 'afterreload' => true, 'task' => true, 'finish' => true, 'workerexit' => true,
        'workererror' => true, 'managerstart' => true, 'managerstop' => true, 'pipemessage' => true,
        'timer' => true, // of Swoole 1
    ];
    private const PORT_EVENTS = [
        'connect' => true, 'receive' => true, 'close' => true, 'packet' => false, 'bufferfull' => true,
        'bufferempty' => true, 'request' => true, 'handshake' => true, 'open' => true, 'message' => true,
        'disconnect' => true, 'beforehandshakeresponse' => true,
    ];

    /** The extension's private properties, without "on". */
    private const CALLBACKS = [
        'Start', 'BeforeShutdown', 'Shutdown', 'WorkerStart', 'WorkerStop', 'BeforeReload', 'AfterReload',
        'WorkerExit', 'WorkerError', 'Task', 'Finish', 'ManagerStart', 'ManagerStop', 'PipeMessage',
    ];

    /** What start() adds to `setting` (swoole_server.cc:863-915). */
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

    /** Settings that may be given as '2M'. */
    private const SIZES = [
        'package_max_length' => true, 'socket_buffer_size' => true, 'buffer_high_watermark' => true,
        'buffer_low_watermark' => true, 'output_buffer_size' => true, 'buffer_output_size' => true,
        'input_buffer_size' => true, 'buffer_input_size' => true, 'upload_max_filesize' => true,
        'max_queued_bytes' => true, 'kernel_socket_recv_buffer_size' => true, 'kernel_socket_send_buffer_size' => true,
    ];

    /** Meta and payload of a frame may have 64 MiB together; half a MiB is left for lists of connections. */
    private const MAX_DATA = 66584576;

    /**
     * @param int $port 0: the bridge's own choice
     * @param int $mode SWOOLE_BASE or SWOOLE_PROCESS: no difference here
     * @param int $sock_type SWOOLE_SOCK_*, with SWOOLE_SSL or-ed
     * @param mixed $named sockType: that argument's name in OpenSwoole
     * @throws Exception code -3 while another server is alive in this run
     * @throws \Error when called twice on one object
     */
    public function __construct(
        string $host = '0.0.0.0',
        int $port = 0,
        int $mode = Values::BASE,
        int $sock_type = Values::SOCK_TCP,
        ...$named
    ) {
        $given = func_num_args();
        if ($named !== []) {
            $sock_type = Boot::socketType($named, $sock_type);
        }
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
        $this->fpmbridge = $state = new State($run);
        $state->address = "$host $port $sock_type";
        $this->host = $host;
        $this->port = $port;
        $this->mode = $mode;
        $this->type = $sock_type & ~Values::SSL;
        $this->ssl = ($sock_type & Values::SSL) !== 0;
        if (!$run->lean) {
            $this->connections = new Iterator($this, $state);
        }
        if (!$run->lean || $port === 0) { // 6,000 instructions
            $this->port = $state->ports($this)[0]->port;
        }
    }

    /**
     * Registers a callback; a second one replaces it. The run ends with an error when it cannot be called.
     *
     * @param callable|array $callback also a private method of the script's class
     * @param string $event_name in any case, without "on"
     * @return bool false for an unknown name (with a warning), and after start()
     */
    public function on(string $event_name, $callback)
    {
        $state = $this->fpmbridge;
        if ($state->started) {
            $text = "server is running, unable to register $event_name callback: call it before start()";
            return Loader::warn(__METHOD__, $text);
        }
        $name = strtolower($event_name);
        $served = self::SERVER_EVENTS[$name] ?? self::PORT_EVENTS[$name] ?? null;
        if ($served === null) {
            if (!$state->run->isDescribing()) {
                // It was said when the script was described: not for each event again.
                return Loader::fail(503);
            }
            Boot::unknownEvent($state, $event_name, array_keys(self::SERVER_EVENTS + self::PORT_EVENTS));
            return Loader::warn('Swoole\Server\Port::on', "unknown event types[$event_name]");
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
        if (!$served && $state->run->isDescribing()) {
            $state->warnings[] = "$name: the bridge serves no datagrams (" . Boot::here() . ')';
        }
        $state->callbacks[$name] = $callback;
        return true;
    }

    /**
     * @return callable|null what on() was given
     */
    public function getCallback(string $event_name)
    {
        $name = strtolower($event_name);
        return $this->fpmbridge->given[$name] ?? $this->fpmbridge->callbacks[$name] ?? null;
    }

    /**
     * Merges settings into `setting`. The bridge reads them from the description.
     * @return bool
     */
    public function set(array $settings)
    {
        if ($this->fpmbridge->started) {
            $text = 'server is running, unable to execute ' . static::class . '->set: call it before start()';
            return Loader::warn(__METHOD__, $text);
        }
        $this->setting = $this->setting === null ? $settings : array_replace($this->setting, $settings);
        if ($this->fpmbridge->run->isDescribing()) {
            Boot::said($this->fpmbridge, $settings, 0);
            foreach ($settings as $option => $value) {
                is_string($value) && isset(self::SIZES[$option]) && $this->size($value);
            }
        }
        return true;
    }

    /**
     * Handles the events of this PHP run and ends the script: code after it does not run for each event.
     *
     * @return bool false when it runs already
     */
    public function start()
    {
        $state = $this->fpmbridge;
        if ($state->started) {
            return Loader::warn(__METHOD__, 'server is running, unable to execute ' . static::class . '->start()');
        }
        if (class_exists(Scheduler::class, false) && Scheduler::hasLoop()) {
            $text = 'eventLoop has already been created, unable to start ' . static::class;
            $state->run->unstarted = "$text: start it outside of Co\\run() and of all coroutines";
            return Loader::warn(__METHOD__, $text);
        }
        $run = $state->run;
        $callbacks = $state->callbacks;
        $kind = $this instanceof WebSocket\Server ? 'websocket' : ($this instanceof Http\Server ? 'http' : 'tcp');
        $given = $settings = $this->setting ?? [];
        $tasks = (int) ($given['task_worker_num'] ?? 0);
        if ($tasks > 0 && !isset($callbacks['task'])) {
            $run->abort(__METHOD__ . "(): require 'onTask' callback");
        }
        foreach ($settings as $option => $value) {
            if (is_string($value) && isset(self::SIZES[$option])) {
                $settings[$option] = $this->size($value);
            }
        }
        $workers = (int) ($settings['worker_num'] ?? 0);
        if ($workers < 1) {
            $workers = $this->mode === Values::PROCESS ? $run->environment->workers() : 1;
        }
        if (!$run->lean && $run->environment->resident()) {
            $workers = $run->environment->staying() ?: max(1, (int) ($settings['worker_num'] ?? 1));
        }
        if (isset($settings['buffer_output_size'])) { // its old name
            $given += ['output_buffer_size' => $settings['buffer_output_size']];
        }
        if (isset($settings['dispatch_mode'])) {
            Placement::apply($this, $state, $settings);
            $callbacks = $state->callbacks;
        }
        $all = $given;
        $all['worker_num'] = $workers;
        $all += self::DEFAULTS;
        if ($tasks < 0) { // a note says so
            $all['task_worker_num'] = $tasks = 0;
        }
        if ($kind !== 'websocket') {
            $all['open_websocket_protocol'] = !empty($settings['open_websocket_protocol']);
            $all['open_http_protocol'] = $kind === 'http' || !empty($settings['open_http_protocol']);
        }
        $this->setting = $all;
        $identity = "$kind $this->mode $workers $state->address";
        foreach ($callbacks as $name => $callback) {
            $identity .= " $name";
        }
        if ($settings !== []) {
            $identity .= Wire::json($settings);
        }
        if ($state->processes !== []) {
            $identity .= ' processes ' . count($state->processes);
        }
        $ports = $this->ports ?? [];
        $several = count($ports) > 1;
        foreach ($ports as $port) {
            $identity .= $port->start($all);
        }
        $needs = $kind === 'websocket' ? 'message' : ($kind === 'http' ? 'request' : 'receive');
        if ($several || !isset($callbacks[$needs])) {
            foreach ($state->ports($this) as $port) {
                $port->describe(); // says what is missing, if it is
            }
        }
        $this->worker_id = $workers === 1 ? 0 : $run->environment->worker() % $workers;
        $place = null;
        if (!$run->lean) { // 4,000 instructions
            $this->worker_pid = function_exists('getmypid') ? getmypid() : 0;
            $this->manager_pid = function_exists('posix_getppid') ? posix_getppid() : 0;
            $this->master_pid = $run->environment->bridge() ?: $this->manager_pid;
            $place = $run->environment->place();
        }
        $state->started = true;
        $state->server = $this;
        if ($place !== null) {
            $this->worker_id = $place;
            $this->taskworker = $place >= $workers && $place < $workers + $tasks;
        }
        $before = $after = null;
        if (isset($callbacks['workerstart'])) {
            $before = function () use ($state): void {
                if ($this->worker_id >= 0) {
                    ($state->callbacks['workerstart'])($this, $this->worker_id);
                }
            };
        }
        if (isset($callbacks['workerstop'])) {
            $after = function () use ($state): void {
                if ($this->worker_id >= 0) {
                    ($state->callbacks['workerstop'])($this, $this->worker_id);
                }
            };
        }
        $first = $before === null && $after === null ? null : $run->first();
        if ($first !== null && $first->type >= Wire::TASK && $first->type <= Wire::WORKER_ERROR) {
            Jobs::enter($this, $first); // whose start and end it is
        }
        if ($place !== null && $place >= $workers + $tasks) {
            $process = $state->processes[$place - $workers - $tasks] ?? null;
            $after = null;
            $before = static function () use ($process, $state): void {
                Child::serve($process, $state->run);
            };
        }
        $serve = function (Event $event) use ($state, $several): void {
            $state->begin($event, $several);
            $type = $event->type;
            $port = null;
            if ($several || $type !== Wire::MESSAGE) {
                $ports = $state->ports($this);
                $port = $ports[$state->listener] ?? $ports[0];
            }
            switch ($type) {
                case Wire::MESSAGE:
                    $opcode = $event->opcode;
                    $flags = $event->flags;
                    if ($opcode === Values::OPCODE_CLOSE) {
                        $frame = new CloseFrame();
                        $frame->code = $event->code === 1005 ? Values::CLOSE_NORMAL : $event->code;
                        $frame->reason = $event->data;
                    } else {
                        $frame = new Frame();
                        $frame->data = $event->data;
                    }
                    $frame->fd = $event->fd;
                    $frame->opcode = $opcode;
                    $frame->flags = $flags;
                    $frame->finish = ($flags & Wire::FIN) !== 0;
                    $message = $port === null ? $state->callbacks['message'] : $port->callback('message');
                    $message($this, $frame);
                    break;
                case Wire::RECEIVE:
                    $this->tell($port->callback('receive'), $event->fd, 0, $event->data);
                    break;
                case Wire::OPEN:
                    if (($callback = $port->callback('open')) !== null) {
                        $callback($this, Request::ofEvent($event));
                    }
                    break;
                case Wire::CONNECT:
                    if (($callback = $port->callback('connect')) !== null) {
                        $this->tell($callback, $event->fd, 0);
                    }
                    break;
                case Wire::CLOSE:
                    $callback = $state->spoken === Values::STATUS_ACTIVE ? null : $port->callback('disconnect');
                    if (($callback = $callback ?? $port->callback('close')) !== null) {
                        $this->tell($callback, $event->fd, $state->byServer ? -1 : 0);
                    }
                    break;
                case Wire::BUFFER_FULL:
                case Wire::BUFFER_EMPTY:
                    $callback = $port->callback($type === Wire::BUFFER_FULL ? 'bufferfull' : 'bufferempty');
                    if ($callback !== null) {
                        $callback($this, $event->fd);
                    }
                    break;
                case Wire::REQUEST:
                case Wire::HANDSHAKE:
                case Wire::BEFORE_HANDSHAKE:
                    Dispatch::http($this, $event, $state, $port);
                    break;
                default:
                    if ($type >= Wire::TASK) {
                        Jobs::handle($this, $state, $event);
                    }
            }
        };
        $run->memory = $state;
        if (!$run->lean) {
            $most = $place === null ? 'max_request' : ($place < 0 ? '' : 'task_max_request');
            $run->maxEvents = max(0, (int) ($settings[$most] ?? 0));
            $grace = $settings[$most . '_grace'] ?? ($run->maxEvents > 10 ? intdiv($run->maxEvents, 2) : 0);
            $run->maxEventsGrace = max(0, (int) $grace);
            $run->maxWait = $settings['reload_async'] ?? true ? (float) ($settings['max_wait_time'] ?? 3) : 0.0;
        }
        if (isset($callbacks['workerexit'])) {
            $run->exiting = function () use ($state): void {
                ($state->callbacks['workerexit'])($this, $this->worker_id);
            };
        }
        $describe = $run->lean ? null : function () use ($kind, $settings, $workers, $tasks): array {
            return $this->description($kind, $settings, $workers, $tasks);
        };
        $run->serve($identity, $describe, $serve, $before, $after);
        return true;
    }

    /**
     * Whether a connection is known and neither closed nor closing.
     * @return bool
     */
    public function exists(?int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->fpmbridge->status($fd) === State::OPEN;
    }

    /**
     * @return bool
     */
    public function exist(?int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->exists($fd);
    }

    /**
     * Closes a connection without a close frame, as the extension does: a browser sees 1006. disconnect() sends one.
     *
     * @param bool $reset drop what is queued instead of sending it first
     * @return bool false: unknown (last error 1005), closed during this event (1004), in its own onClose (1003)
     */
    public function close(?int $fd, bool $reset = false)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        $state = $this->fpmbridge;
        if (!$this->fpmbridgeStarted(__METHOD__)) {
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

    /**
     * @return array|false false for an unknown fd, without a warning; keys and types as the extension's
     */
    public function getClientInfo(?int $fd, int $reactor_id = -1, bool $ignoreError = false)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        $state = $this->fpmbridge;
        $event = $state->run->event;
        $info = $event !== null && $event->fd === $fd && $event->type !== Wire::REQUEST ? $event->connection() : [];
        $info = $info === [] ? $state->run->connections()->info($fd) : $info;
        if ($info === null || $info === []) {
            return false;
        }
        $status = (int) $info['status'];
        if ($fd === $state->own) {
            // In onClose: 4 after disconnect(), 3 otherwise, 0 if it was no WebSocket.
            $status = $state->spoken;
        }
        $uid = $state->uids[$fd] ?? $info['uid'] ?? null;
        $ports = $state->ports($this);
        $port = $ports[(int) $info['listener']] ?? $ports[0];
        if ($event !== null && $event->fd === $fd || $state->run->worker !== null && !isset($info['worker'])) {
            $worker = $this->worker_id; // the one that has it now
        } else {
            $worker = ($info['worker'] ?? -1) % max(1, (int) $this->setting['worker_num']);
        }
        $fixed = (int) ($this->setting['dispatch_mode'] ?? 0) === 8; // else worker 0 is not told
        return ($uid === null ? [] : ['uid' => $uid])
            + ($worker > 0 || $worker === 0 && $fixed ? ['worker_id' => $worker] : [])
            + (empty($port->setting['open_websocket_protocol']) ? [] : ['websocket_status' => $status])
            + (isset($info['client_cert']) ? ['ssl_client_cert' => (string) $info['client_cert']] : []) + [
            'server_port' => (int) $info['server_port'],
            'server_fd' => (int) ($info['server_fd'] ?? 0),
            'socket_fd' => (int) ($info['socket_fd'] ?? 0),
            'socket_type' => $port->type,
            'remote_port' => (int) $info['remote_port'],
            'remote_ip' => (string) $info['remote_addr'],
            'reactor_id' => 0,
            'connect_time' => (int) $info['connect_time'],
            'last_time' => (int) $info['recv_time'],
            'last_recv_time' => (float) $info['recv_time'],
            'last_send_time' => (float) $info['send_time'],
            'last_dispatch_time' => (float) $info['dispatch_time'],
            'close_errno' => (int) ($info['close_errno'] ?? 0),
            'recv_queued_bytes' => (int) $info['inbox_bytes'],
            'send_queued_bytes' => (int) $info['outbox_bytes'],
        ];
    }

    /**
     * @return array|false
     */
    public function connection_info(?int $fd, int $reactor_id = -1, bool $ignoreError = false)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->getClientInfo($fd, $reactor_id, $ignoreError);
    }

    /**
     * A page of connections, in ascending order.
     *
     * @param int $start_fd start after this one; 0: from the first
     * @param int $find_count at most 100; 0 and less: 1
     * @return array|false false past the last one, and when $start_fd is not open
     */
    public function getClientList(?int $start_fd = 0, ?int $find_count = 10)
    {
        $start_fd = $start_fd ?? Nulls::int(__METHOD__, 1, 'start_fd');
        $find_count = $find_count ?? Nulls::int(__METHOD__, 2, 'find_count');
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if ($find_count > 100) {
            return Loader::warn(__METHOD__, 'swoole connection list max_find_count=100');
        }
        $fds = $this->fpmbridge->run->connections()->list($start_fd, max(1, $find_count));
        return $fds === null || $fds === [] ? false : array_values($this->fpmbridge->open($fds));
    }

    /**
     * @return array|false
     */
    public function connection_list(?int $start_fd = 0, ?int $find_count = 10)
    {
        $start_fd = $start_fd ?? Nulls::int(__METHOD__, 1, 'start_fd');
        $find_count = $find_count ?? Nulls::int(__METHOD__, 2, 'find_count');
        return $this->getClientList($start_fd, $find_count);
    }

    /**
     * The last error of any call; calls that succeed do not reset it.
     * @return int
     */
    public function getLastError()
    {
        return Loader::$lastError;
    }

    /**
     * @return int|false false before start(), and in callbacks of the master and the manager
     */
    public function getWorkerId()
    {
        return $this->fpmbridge->started && $this->worker_id >= 0 ? $this->worker_id : false;
    }

    /**
     * @return int|false
     */
    public function getWorkerPid(int $worker_id = -1)
    {
        if (!$this->fpmbridge->started) {
            return false;
        }
        return $worker_id < 0 || $worker_id === $this->worker_id
            ? $this->worker_pid
            : Control::workerPid($this->fpmbridge, $worker_id);
    }

    /**
     * @return int|false SWOOLE_WORKER_BUSY or SWOOLE_WORKER_IDLE; false for an unknown worker
     */
    public function getWorkerStatus(int $worker_id = -1)
    {
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        return $worker_id < 0 || $worker_id === $this->worker_id
            ? $this->fpmbridge->run->workerStatus()
            : Control::workerStatus($this->fpmbridge, $worker_id);
    }

    /**
     * 0 before start().
     * @return int
     */
    public function getManagerPid()
    {
        return $this->manager_pid;
    }

    /**
     * 0 before start().
     * @return int
     */
    public function getMasterPid()
    {
        return $this->master_pid;
    }

    /**
     * The connections that sent nothing for heartbeat_idle_time, without protected ones.
     *
     * @param bool $ifCloseConnection close them, too; without an argument they stay, as in the extension
     * @return array|false false unless heartbeat_check_interval is set
     */
    public function heartbeat(bool $ifCloseConnection = true)
    {
        if (!$this->fpmbridgeStarted(__METHOD__) || (int) ($this->setting['heartbeat_check_interval'] ?? 0) < 1) {
            return false;
        }
        $reply = $this->fpmbridge->run->connections()->idle($close = $ifCloseConnection && func_num_args() > 0);
        if ($close) {
            array_map([$this->fpmbridge, 'close'], $reply);
        }
        return $reply;
    }

    /**
     * Another listener. It uses the server's settings until Port::set(), and the server's callbacks where it has none.
     *
     * @param int $sock_type SWOOLE_SOCK_TCP, SWOOLE_SOCK_TCP6 or SWOOLE_SOCK_UNIX_STREAM ($host is the path), with
     *     SWOOLE_SSL or-ed; the bridge says no to UDP when it starts
     * @return Port|false false, with a warning, after start()
     */
    public function listen(string $host, int $port, int $sock_type)
    {
        if ($this->fpmbridge->started) {
            $text = 'server is running, unable to execute ' . static::class . '->listen: open all ports before start()';
            return Loader::warn(__METHOD__, $text);
        }
        // Its own port has the server's connections as long as it is the only one.
        $state = $this->fpmbridge;
        $index = count($state->ports($this));
        $this->ports[0]->connections = new Iterator($this, $state, 0);
        return $this->ports[] = Port::ofServer($this, $state, $index, $host, $port, $sock_type);
    }

    /**
     * As listen().
     *
     * @return Port|false
     */
    public function addlistener(string $host, int $port, int $sock_type)
    {
        return $this->listen($host, $port, $sock_type);
    }

    /**
     * Raw bytes: to a connection of a TCP port, or, as whole frames, to a WebSocket. They leave when the event is over.
     *
     * @param int|string $fd
     * @param int $serverSocket not used
     * @return bool false: last error 550 for no bytes, 503 for an fd under 1 (both with a warning), 1005 for an
     *     unknown one, 1004 for one that is closed, 1203 for more than output_buffer_size or 63.5 MiB
     */
    public function send($fd, ?string $send_data, int $serverSocket = -1)
    {
        $send_data = $send_data ?? Nulls::string(__METHOD__, 2, 'send_data');
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if ($fd === null) {
            return Loader::warn(__METHOD__, 'fd can not be null');
        }
        if ($send_data === '') {
            return Loader::warn(__METHOD__, 'the data sent must not be empty', Values::ERROR_NO_PAYLOAD);
        }
        if (!is_numeric($fd)) {
            throw new Unsupported('Swoole\Server::send() to an address: the bridge serves no datagrams');
        }
        $fd = (int) $fd;
        if ($fd <= 0) {
            return Loader::warn(__METHOD__, "invalid fd[$fd]");
        }
        return $this->isReachable($fd) && $this->fits(strlen($send_data)) && $this->put($fd, $send_data);
    }

    /**
     * Sends a file, or a part of it, to a connection of a TCP port. PHP reads it.
     *
     * @param int $length bytes from $offset; 0: to its end
     * @return bool false, with a warning, for a file that cannot be read or a part that is not in it; otherwise as
     *     send()
     */
    public function sendfile(int $conn_fd, string $filename, int $offset = 0, int $length = 0)
    {
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if (!is_file($filename) || !is_readable($filename)) {
            return Loader::warn(__METHOD__, "file[$filename] cannot be read");
        }
        $size = (int) filesize($filename);
        if ($offset < 0 || $length < 0 || $offset >= $size || $offset + $length > $size) {
            return Loader::warn(__METHOD__, "offset[$offset] and length[$length] are not in file[$filename]");
        }
        $length = $length === 0 ? $size - $offset : $length;
        if (!$this->isReachable($conn_fd) || !$this->fits($length)) {
            return false;
        }
        $data = file_get_contents($filename, false, null, $offset, $length);
        return $data !== false && $this->put($conn_fd, $data);
    }

    /**
     * @throws Unsupported always: the bridge serves no UDP
     * @return bool
     */
    public function sendto(string $ip, int $port, string $send_data, int $server_socket = -1)
    {
        throw new Unsupported('Swoole\Server::sendto() cannot be: the bridge serves no UDP: use'
            . ' stream_socket_client("udp://…")');
    }

    /**
     * Only SWOOLE_BASE has it, and the bridge behaves as SWOOLE_PROCESS.
     *
     * @return bool false, with the extension's warning
     */
    public function sendwait(int $conn_fd, string $send_data)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            && Loader::warn(__METHOD__, 'can only be used with base mode and must be within worker process');
    }

    /**
     * Whether no heartbeat_idle_time, max_idle_time and ping.timeout ends a connection.
     *
     * @return bool false for an unknown or closed one, without a warning
     */
    public function protect(?int $fd, bool $is_protected = true)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->change($fd, Wire::PROTECT, $is_protected ? 1 : 0);
    }

    /**
     * Binds a uid to a connection, once. getClientInfo() shows it.
     *
     * @param int $uid -2147483648 to 4294967295
     * @return bool false: unknown or closed fd, or one that has a uid; with a warning for a uid out of range
     */
    public function bind(?int $fd, ?int $uid)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        $uid = $uid ?? Nulls::int(__METHOD__, 2, 'uid');
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if ($uid < -2147483648 || $uid > 4294967295) {
            return Loader::warn(__METHOD__, 'uid can not be greater than 4294967295 or less than -2147483648');
        }
        $state = $this->fpmbridge;
        if ($state->status($fd) !== State::OPEN || isset($state->uids[$fd])) {
            return false;
        }
        $info = $state->run->connections()->info($fd);
        if ($info === null || isset($info['uid'])) {
            return false;
        }
        $state->uids[$fd] = $uid;
        return $this->change($fd, Wire::BIND, 0, pack('J', $uid));
    }

    /**
     * Stops reading from a connection: what it says waits in TCP.
     *
     * @return bool false, with last error 1005 or 1004, for an unknown or closed one
     */
    public function pause(?int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->isReachable($fd) && $this->change($fd, Wire::PAUSE);
    }

    /**
     * Reads from a connection again.
     *
     * @return bool false, with last error 1005 or 1004, for an unknown or closed one
     */
    public function resume(?int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->isReachable($fd) && $this->change($fd, Wire::RESUME);
    }

    /**
     * As resume(): begins to read a connection that enable_delay_receive holds back.
     *
     * @return bool false, with last error 1005 or 1004, for an unknown or closed one
     */
    public function confirm(?int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->isReachable($fd) && $this->change($fd, Wire::RESUME);
    }

    /**
     * Queues a task; it starts when this event is over. Over limits.tasks: false and a warning.
     *
     * @param mixed $data anything that serialize() takes
     * @param int $taskWorkerIndex -1: whoever is free; tasks of one index run one after the other
     * @param callable|null $finishCallback a function or static method, by its name
     * @return int|false the task's id, from 0 for each worker
     * @throws Unsupported for a closure or object as $finishCallback
     */
    public function task($data, int $taskWorkerIndex = -1, ?callable $finishCallback = null)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            ? Tasks::task($this, $this->fpmbridge, $data, $taskWorkerIndex, $finishCallback)
            : false;
    }

    /**
     * Runs a task in another PHP run and waits for it.
     *
     * @param float $timeout in seconds
     * @return mixed its first result, or false
     */
    public function taskwait($data, float $timeout = 0.5, int $taskWorkerIndex = -1)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            ? Tasks::wait('taskwait', $this, $this->fpmbridge, [$data], $timeout, $taskWorkerIndex)[0] ?? false
            : false;
    }

    /**
     * @return array|false results by position, without those of tasks that gave none in time
     */
    public function taskWaitMulti(array $tasks, float $timeout = 0.5)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            ? Tasks::wait('taskWaitMulti', $this, $this->fpmbridge, $tasks, $timeout, -1) ?? false
            : false;
    }

    /**
     * @return array|false results by position, false for tasks that gave none in time
     */
    public function taskCo(array $tasks, float $timeout = 0.5)
    {
        $results = $this->fpmbridgeStarted(__METHOD__)
            ? Tasks::wait('taskCo', $this, $this->fpmbridge, $tasks, $timeout, -1)
            : null;
        if ($results === null) {
            return false;
        }
        $all = $results + array_fill(0, count($tasks), false);
        ksort($all);
        return $all;
    }

    /**
     * A result of the task that runs, for who asked for it.
     * @return bool
     */
    public function finish($data)
    {
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if ($this->taskworker && ($this->setting['task_enable_coroutine'] ?? false)) {
            $this->fpmbridge->run->abort('please use Swoole\Server\Task->finish instead when task_enable_coroutine is'
                . ' enable');
        }
        return Tasks::finish($this->fpmbridge, $data);
    }

    /**
     * A message to another worker: a PHP run with that worker_id gets it in pipeMessage.
     * @return bool
     */
    public function sendMessage($message, int $dst_worker_id)
    {
        return $this->fpmbridgeStarted(__METHOD__) && Tasks::send($this, $this->fpmbridge, $message, $dst_worker_id);
    }

    /**
     * A process of the script's own, which runs on the command line beside resident workers and is started anew when it
     * ends. It can push. In request mode it is not run, and that is said at boot.
     *
     * @param Process $process whose pipe is not there
     * @return int|false its index, from 0
     */
    public function addProcess($process)
    {
        $state = $this->fpmbridge;
        if ($state->started) {
            return Loader::warn(__METHOD__, 'server is running, unable to add process: call it before start()');
        }
        if (!$process instanceof Process) {
            $type = is_object($process) ? get_class($process) : gettype($process);
            $text = "(): Argument #1 (\$process) must be of type Swoole\\Process, $type given";
            throw new \TypeError(__METHOD__ . $text);
        }
        if ($state->run->isDescribing() && !$state->run->environment->resident()) {
            $state->warnings[] = 'addProcess(): the process is not run: it needs --mode resident, or run it beside the'
                . ' bridge as a service that pushes (docs/push.md) (' . Boot::here() . ')';
        }
        $state->processes[] = $process;
        return $process->id = count($state->processes) - 1;
    }

    /**
     * @param callable $callback gets the server and the data as JSON, and returns JSON
     * @return bool
     */
    public function addCommand(string $name, int $accepted_process_types, callable $callback)
    {
        return Control::addCommand($this->fpmbridge, $name, $accepted_process_types, $callback);
    }

    /**
     * Runs a command in this PHP run, whichever process is asked for.
     *
     * @return array|string|false false for an unknown command, or one that is not for such a process
     */
    public function command(string $name, int $process_id, int $process_type, $data, bool $json_decode = true)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            ? Control::command($this, $this->fpmbridge, $name, $process_type, $data, $json_decode)
            : false;
    }

    /**
     * Has the bridge describe the script anew when the event is over. In request mode new code runs with the next event
     * anyway; resident workers are replaced, those of tasks alone if that was asked for.
     * @return bool
     */
    public function reload(bool $only_reload_taskworker = false)
    {
        return $this->fpmbridgeStarted(__METHOD__) && Control::reload($this->fpmbridge, $only_reload_taskworker);
    }

    /**
     * Ends a resident worker in order; it is replaced. In request mode it is true and nothing more: a PHP run ends with
     * its events.
     * @return bool
     */
    public function stop(int $workerId = -1)
    {
        return $this->fpmbridgeStarted(__METHOD__) && Control::stop($this, $this->fpmbridge, $workerId);
    }

    /**
     * The bridge ends, as on SIGTERM, when the event is over. All its scripts end with it.
     * @return bool
     */
    public function shutdown()
    {
        return Control::shutdown($this->fpmbridge);
    }

    /**
     * @return array|false
     */
    public function stats()
    {
        return $this->fpmbridgeStarted(__METHOD__) ? Control::stats($this, $this->fpmbridge) : false;
    }

    /**
     * Timers and defer() of Swoole 1 to 4, as Timer and Event have them. bridge(), the bridge's own rooms and users
     * (\FpmBridge\Gateway): here, where it clashes with no method of a subclass.
     *
     * @throws \Error for any other name than tick, after, clearTimer, defer, addtimer, deltimer and bridge
     */
    public function __call($name, $arguments)
    {
        switch (strtolower($name)) {
            case 'tick':
                return Timer::tick(...$arguments);
            case 'addtimer':
                return Intervals::add($this, $this->fpmbridge, ...$arguments);
            case 'deltimer':
                return Intervals::remove($this->fpmbridge, ...$arguments);
            case 'after':
                return Timer::after(...$arguments);
            case 'cleartimer':
                return Timer::clear(...$arguments);
            case 'defer':
                return \Swoole\Event::defer(...$arguments);
            case 'bridge':
                return \FpmBridge\Gateway::current();
        }
        throw new \Error('Call to undefined method ' . static::class . "::$name()");
    }

    /**
     * The check that comes before all others.
     */
    final protected function fpmbridgeStarted(string $method): bool
    {
        return $this->fpmbridge->started || Loader::warn($method, 'server is not running');
    }

    /**
     * Bytes of a size as php.ini has them: 2M.
     */
    /**
     * docs/protocol.md section 6.
     *
     * @return array<string, mixed>
     */
    private function description(string $kind, array $settings, int $workers, int $tasks): array
    {
        $state = $this->fpmbridge;
        $listeners = [];
        $callbacks = [$state->callbacks];
        foreach ($this->ports as $port) {
            $listeners[] = $port->describe();
            $callbacks[] = $port->ownCallbacks();
        }
        $description = [
            'kind' => $kind,
            'batch' => true,
            'mode' => $this->mode,
            'settings' => (object) Boot::sent($settings),
            'listeners' => $listeners,
            'events' => Jobs::events($state->callbacks),
            'workers' => $workers,
            'task_workers' => $tasks,
            'warnings' => array_merge($state->warnings, Boot::notes($settings, $state), Boot::ofScript($state)),
        ];
        if ($state->processes !== [] && $state->run->environment->resident()) {
            $description['processes'] = count($state->processes);
        }
        return $state->run->isAnalysing() ? RequestMode::into($description, $callbacks, $this) : $description;
    }

    /**
     * Calls a callback of connect, receive or close: with an object if the setting event_object is on.
     */
    private function tell(callable $callback, int $fd, int $reactor, string ...$data): void
    {
        if (!($this->setting['event_object'] ?? false)) {
            $callback($this, $fd, $reactor, ...$data);
            return;
        }
        $event = new ConnectionEvent();
        $event->reactor_id = $reactor;
        $event->fd = $fd;
        $event->dispatch_time = microtime(true);
        $event->data = $data[0] ?? null;
        $callback($this, $event);
    }

    private function size(string $size): int
    {
        if (preg_match('/^\s*(\d+)\s*([kmg]?)\s*$/i', $size, $parts) !== 1) {
            $this->fpmbridge->run->abort("Swoole\Server::set(): failed to parse '$size' to size");
        }
        return (int) $parts[1] << ['' => 0, 'k' => 10, 'm' => 20, 'g' => 30][strtolower($parts[2])];
    }

    /**
     * Whether a connection is open; the last error says why not.
     */
    private function isReachable(int $fd): bool
    {
        $status = $this->fpmbridge->status($fd);
        if ($status === State::OPEN) {
            return true;
        }
        return Loader::fail(
            $status === State::CLOSED ? Values::ERROR_SESSION_CLOSED : Values::ERROR_SESSION_NOT_EXIST
        );
    }

    /**
     * Whether so many bytes can be sent at once.
     */
    private function fits(int $size): bool
    {
        $most = min(self::MAX_DATA, Values::bytes($this->setting['output_buffer_size'] ?? self::MAX_DATA));
        return $size <= $most || Loader::fail(Values::ERROR_DATA_LENGTH_TOO_LARGE);
    }

    private function put(int $fd, string $data): bool
    {
        $this->fpmbridge->reply->bytes($fd, $data);
        return true;
    }

    private function change(int $fd, int $what, int $code = 0, string $data = ''): bool
    {
        if ($this->fpmbridge->status($fd) !== State::OPEN) {
            return false;
        }
        $this->fpmbridge->reply->change($fd, $what, $code, $data);
        return true;
    }

    /**
     * @throws \Error always, as in the extension
     */
    public function __clone()
    {
        throw new \Error('Trying to clone an uncloneable object of class ' . static::class);
    }

    /**
     * @throws \Exception always, as in the extension
     */
    public function __serialize(): array
    {
        throw new \Exception("Serialization of '" . static::class . "' is not allowed");
    }

    /**
     * What print_r() and var_dump() show: what the script can use, and the callbacks, as private properties.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo()
    {
        $shown = (array) $this;
        unset($shown["\0*\0fpmbridge"]);
        $callbacks = [];
        foreach (self::CALLBACKS as $name) {
            $callbacks["\0Swoole\\Server\0on$name"] = $this->getCallback($name);
        }
        return $callbacks + $shown;
    }
}
