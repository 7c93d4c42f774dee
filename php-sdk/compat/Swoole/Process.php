<?php

namespace Swoole;

use FpmBridge\Compat\Child;
use FpmBridge\Unsupported;

/**
 * A child process, where PHP runs on the command line with pcntl: docs/resident-mode.md. PHP-FPM has none: there it can
 * be added to the server, and start() and the other methods throw, but kill(), name() and daemon().
 */
#[\AllowDynamicProperties]
class Process
{
    public const IPC_NOWAIT = 256;
    public const PIPE_MASTER = 1;
    public const PIPE_READ = 3;
    public const PIPE_TYPE_DGRAM = 2;
    public const PIPE_TYPE_NONE = 0;
    public const PIPE_TYPE_STREAM = 1;
    public const PIPE_WORKER = 2;
    public const PIPE_WRITE = 4;

    private const INSTEAD = 'run that program beside the bridge, from your service manager';

    public $pipe = null;
    public $msgQueueId = null;
    public $msgQueueKey = null;
    public $pid = null;
    public $id = null;

    /** @var Child|null what it is, where it can be */
    private $fpmbridge = null;

    /**
     * Where PHP cannot fork it is for Server::addProcess() only.
     *
     * @param mixed $named redirectStdIO, pipeType, enableCoroutine: their names in OpenSwoole
     */
    public function __construct(
        callable $callback,
        bool $redirect_stdin_and_stdout = false,
        int $pipe_type = 2,
        bool $enable_coroutine = false,
        ...$named
    ) {
        if ($named !== []) {
            $names = [
                'redirectStdIO' => $redirect_stdin_and_stdout, 'pipeType' => $pipe_type,
                'enableCoroutine' => $enable_coroutine,
            ];
            $values = \FpmBridge\Compat\Named::values($named, $names);
            [$redirect_stdin_and_stdout, $pipe_type, $enable_coroutine] = $values;
        }
        $this->fpmbridge = new Child($callback, $redirect_stdin_and_stdout, $pipe_type, $enable_coroutine);
    }

    /**
     * @return bool false, with a line in the log, in request mode in workerStart and start
     * @throws Unsupported elsewhere
     */
    public static function alarm(int $usec, int $type = 0): bool
    {
        $run = \FpmBridge\Runtime::current();
        if ($run === null || $run->worker !== null || Child::missing() === '') {
            throw self::unsupported('alarm');
        }
        $why = 'needs child processes, which PHP-FPM does not have';
        \FpmBridge\Compat\Helpers::leaveOut('Swoole\Process::alarm()', $why);
        return false;
    }

    /**
     * Closes this side of the pipe.
     */
    public function close(int $which = 0): bool
    {
        return $this->child('close')->close();
    }

    /**
     * The bridge is the process that can run in the background: a service manager does that.
     */
    public static function daemon(bool $nochdir = true, bool $noclose = true, array $pipes = []): bool
    {
        self::note('Swoole\\Process::daemon() does nothing: let a service manager run the bridge');
        return true;
    }

    /**
     * The child becomes another program.
     *
     * @return bool false, with a warning, if that cannot be started
     */
    public function exec(string $exec_file, array $args): bool
    {
        return $this->child('exec')->exec($exec_file, $args);
    }

    /**
     * Ends the child.
     */
    public function exit(int $exit_code = 0): void
    {
        $this->child('exit')->quit($exit_code);
    }

    /** @throws Unsupported always */
    public function exportSocket()
    {
        throw self::unsupported('exportSocket');
    }

    /** @throws Unsupported always */
    public function freeQueue(): bool
    {
        throw self::unsupported('freeQueue');
    }

    /** @throws Unsupported always */
    public static function getAffinity(): array
    {
        throw self::unsupported('getAffinity');
    }

    /** @throws Unsupported always */
    public function getPriority(int $which, ?int $who = null)
    {
        throw self::unsupported('getPriority');
    }

    /**
     * Sends a signal; 0 asks whether the process is there. Before start() the bridge that serves this script is not:
     * a script's own `start` and `restart` look for the process of their pid file, and run anew in each worker.
     */
    public static function kill(int $pid, int $signal_no = 15): bool
    {
        $run = \FpmBridge\Runtime::current();
        if ($run !== null && !$run->serving && $pid > 0 && $run->environment->bridge() === $pid) {
            return false;
        }
        if (!function_exists('posix_kill')) {
            throw self::unsupported('kill', 'install PHP\'s posix extension');
        }
        return @posix_kill($pid, $signal_no);
    }

    /**
     * A PHP-FPM child serves many scripts: it keeps its name.
     */
    public function name(string $process_name): bool
    {
        if (Child::missing() === '') {
            return @\cli_set_process_title($process_name);
        }
        self::note('a PHP-FPM child keeps its name, it serves other scripts, too');
        return true;
    }

    /** @throws Unsupported always */
    public function pop(int $size = 65536)
    {
        throw self::unsupported('pop');
    }

    /** @throws Unsupported always */
    public function push(string $data): bool
    {
        throw self::unsupported('push');
    }

    /**
     * Waits for what the other side writes.
     *
     * @return string|false
     */
    public function read(int $size = 8192)
    {
        return $this->child('read')->read($size);
    }

    /** @throws Unsupported always */
    public function set(array $settings): void
    {
        throw self::unsupported('set');
    }

    /** @throws Unsupported always */
    public static function setAffinity(array $cpu_settings): bool
    {
        throw self::unsupported('setAffinity');
    }

    public function setBlocking(bool $blocking): bool
    {
        return $this->child('setBlocking')->blocking($blocking);
    }

    /** @throws Unsupported always */
    public function setPriority(int $which, int $priority, ?int $who = null): bool
    {
        throw self::unsupported('setPriority');
    }

    /**
     * How long read() waits.
     */
    public function setTimeout(float $seconds): bool
    {
        return $this->child('setTimeout')->timeout($seconds);
    }

    /**
     * A handler for a signal, in a resident worker whose PHP has pcntl; null: the system's own one.
     *
     * @return bool false, with a line in the log: there is no pcntl, or, in request mode, in workerStart and start
     * @throws Unsupported in request mode, in other callbacks
     */
    public static function signal(int $signal_no, ?callable $callback = null): bool
    {
        $run = \FpmBridge\Runtime::current();
        if ($run !== null && $run->worker !== null) {
            return \FpmBridge\Compat\Signals::handle($run, $signal_no, $callback);
        }
        $why = 'is not possible: PHP-FPM handles the signals of its children';
        \FpmBridge\Compat\Helpers::leaveOut('Swoole\Process::signal()', $why, 'send SIGUSR1 to the bridge to reload');
        return false;
    }

    /**
     * @return int|false the child's process id
     * @throws Unsupported where PHP cannot fork, and before the server's start()
     */
    public function start()
    {
        if (Child::missing() !== '') {
            throw self::unsupported('start');
        }
        return $this->child('start')->start($this);
    }

    /** @throws Unsupported always */
    public function statQueue()
    {
        throw self::unsupported('statQueue');
    }

    /** @throws Unsupported always */
    public function useQueue(int $key = 0, int $mode = 2, int $capacity = -1): bool
    {
        throw self::unsupported('useQueue');
    }

    /**
     * The end of a child, of any.
     *
     * @return array|false {pid, code, signal}; false: there is none, or, without $blocking, none has ended
     * @throws Unsupported where PHP cannot fork
     */
    public static function wait(bool $blocking = true)
    {
        $missing = Child::missing();
        if ($missing !== '') {
            throw new Unsupported("Swoole\\Process::wait() $missing");
        }
        return Child::wait($blocking);
    }

    /**
     * @return int|false bytes
     */
    public function write(string $data)
    {
        return $this->child('write')->write($data);
    }

    private static function note(string $text): void
    {
        $run = \FpmBridge\Runtime::current();
        if ($run !== null) {
            $run->log()->add(\FpmBridge\Log::DEBUG, $text);
        }
    }

    private function child(string $method): Child
    {
        if ($this->fpmbridge === null || ($this->id === null && Child::missing() !== '')) {
            throw self::unsupported($method);
        }
        return $this->fpmbridge; // one that was added to the server has no pipe, and warns
    }

    private static function unsupported(string $method, string $instead = self::INSTEAD): Unsupported
    {
        if (Child::missing() === '') {
            return new Unsupported("Swoole\\Process::$method() is not there: use write() and read(), or PHP's pcntl");
        }
        return new Unsupported("Swoole\\Process::$method() needs child processes, which PHP-FPM does not have:"
            . " $instead");
    }
}
