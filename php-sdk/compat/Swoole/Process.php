<?php

namespace Swoole;

use FpmBridge\Unsupported;

/**
 * A child process. PHP-FPM has none: each method throws, but kill(), name() and daemon().
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

    /** @throws Unsupported always */
    public function __construct(
        callable $callback,
        bool $redirect_stdin_and_stdout = false,
        int $pipe_type = 2,
        bool $enable_coroutine = false
    ) {
        throw self::unsupported('__construct');
    }

    /** @throws Unsupported always */
    public static function alarm(int $usec, int $type = 0): bool
    {
        throw self::unsupported('alarm');
    }

    /** @throws Unsupported always */
    public function close(int $which = 0): bool
    {
        throw self::unsupported('close');
    }

    /**
     * The bridge is the process that can run in the background: a service manager does that.
     */
    public static function daemon(bool $nochdir = true, bool $noclose = true, array $pipes = []): bool
    {
        self::note('Swoole\\Process::daemon() does nothing: let a service manager run the bridge');
        return true;
    }

    /** @throws Unsupported always */
    public function exec(string $exec_file, array $args): bool
    {
        throw self::unsupported('exec');
    }

    /** @throws Unsupported always */
    public function exit(int $exit_code = 0): void
    {
        throw self::unsupported('exit');
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
     * Sends a signal; 0 asks whether the process is there.
     */
    public static function kill(int $pid, int $signal_no = 15): bool
    {
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

    /** @throws Unsupported always */
    public function read(int $size = 8192)
    {
        throw self::unsupported('read');
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

    /** @throws Unsupported always */
    public function setBlocking(bool $blocking): bool
    {
        throw self::unsupported('setBlocking');
    }

    /** @throws Unsupported always */
    public function setPriority(int $which, int $priority, ?int $who = null): bool
    {
        throw self::unsupported('setPriority');
    }

    /** @throws Unsupported always */
    public function setTimeout(float $seconds): bool
    {
        throw self::unsupported('setTimeout');
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

    /** @throws Unsupported always */
    public function start()
    {
        throw self::unsupported('start');
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

    /** @throws Unsupported always */
    public static function wait(bool $blocking = true)
    {
        throw self::unsupported('wait');
    }

    /** @throws Unsupported always */
    public function write(string $data)
    {
        throw self::unsupported('write');
    }

    private static function note(string $text): void
    {
        $run = \FpmBridge\Runtime::current();
        if ($run !== null) {
            $run->log()->add(\FpmBridge\Log::DEBUG, $text);
        }
    }

    private static function unsupported(string $method, string $instead = self::INSTEAD): Unsupported
    {
        return new Unsupported("Swoole\\Process::$method() needs child processes, which PHP-FPM does not have:"
            . " $instead");
    }
}
