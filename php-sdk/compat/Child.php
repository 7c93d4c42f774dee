<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use Closure;
use FpmBridge\ByHand;
use FpmBridge\CommandLine;
use FpmBridge\Resident;
use FpmBridge\Runtime;
use FpmBridge\Unsupported;
use Swoole\Process;
use Throwable;

/**
 * What a Swoole\Process needs where PHP can fork: on the command line (launcher: cli, or a script started by hand),
 * with the pcntl extension. A child has a copy of its worker's memory, but is no worker: it cannot push.
 */
final class Child
{
    private const STREAM = 1;
    private const FOREVER = 315360000;
    private const BEFORE_START = 'runs before start(), which each worker and the description of the script run anew:'
        . ' start it in onWorkerStart (of one worker), or run it as a service';

    /** @var callable */
    private $callback;
    private bool $redirect;
    private int $pipe;
    private bool $coroutine;

    /** @var resource|null our end of the pipe */
    private $stream = null;

    private bool $inside = false;

    /** @var array<int, resource|false> stdin and stdout that were redirected */
    private static array $kept = [];

    public function __construct(callable $callback, bool $redirect, int $pipe, bool $coroutine)
    {
        $this->callback = $callback;
        $this->redirect = $redirect;
        $this->pipe = $redirect ? self::STREAM : $pipe;
        $this->coroutine = $coroutine;
    }

    /**
     * Why this PHP cannot fork; '' if it can.
     */
    public static function missing(): string
    {
        $run = Runtime::current();
        $where = $run === null ? null : $run->environment;
        if (!$where instanceof CommandLine && !$where instanceof ByHand) {
            return 'needs child processes, which PHP-FPM does not have: use --launcher cli, or run that program beside'
                . ' the bridge, from your service manager';
        }
        return function_exists('pcntl_fork') ? '' : 'needs PHP\'s pcntl extension';
    }

    /**
     * @return int|false the child's process id
     */
    public function start(Process $process)
    {
        $run = Runtime::require();
        if ($run->environment instanceof CommandLine && $run->worker === null) {
            throw new Unsupported('Swoole\Process::start() ' . self::BEFORE_START);
        }
        if ($process->pid !== null) {
            return Loader::warn('Swoole\Process::start', 'process has already been started');
        }
        $ends = null;
        if ($this->pipe !== 0) {
            $type = $this->pipe === self::STREAM ? STREAM_SOCK_STREAM : STREAM_SOCK_DGRAM;
            $ends = stream_socket_pair(STREAM_PF_UNIX, $type, 0);
            if ($ends === false) {
                return Loader::warn('Swoole\Process::start', 'failed to create the pipe');
            }
        }
        flush();
        $pid = pcntl_fork();
        if ($pid === -1) {
            return Loader::warn('Swoole\Process::start', 'fork() failed: ' . pcntl_strerror(pcntl_get_last_error()));
        }
        if ($ends !== null) {
            fclose($ends[$pid === 0 ? 0 : 1]);
            $this->stream = $process->pipe = $ends[$pid === 0 ? 1 : 0];
            stream_set_read_buffer($this->stream, 0);
            stream_set_write_buffer($this->stream, 0);
            stream_set_timeout($this->stream, self::FOREVER);
        }
        $process->pid = $pid === 0 ? getmypid() : $pid;
        if ($pid === 0) {
            $this->run($process, $run);
        }
        return $pid;
    }

    /**
     * Runs a process that was added to the server, in the process that the bridge started for it. It returns if the
     * callback leaves something to be done later: the worker's loop does it.
     */
    public static function serve(?Process $process, Runtime $run): void
    {
        $run->goesOn();
        $child = $process === null ? null : Closure::bind(function () {
            return $this->fpmbridge;
        }, $process, Process::class)();
        if ($child === null) {
            exit(255);
        }
        $process->pid = getmypid();
        $child->coroutine = false; // the worker's loop goes on while it waits
        $child->call($process, $run->worker);
    }

    /**
     * @return never
     */
    private function run(Process $process, Runtime $run): void
    {
        if ($run->memory instanceof State) {
            $run->memory->clear();
            $run->memory->started = false; // what needs a server warns
        }
        $run->forked();
        Scheduler::reset();
        if ($this->redirect) {
            $this->redirect();
        }
        $this->call($process);
    }

    /**
     * @param Resident|null $loop what goes on when the callback is over; null: nothing does
     */
    private function call(Process $process, ?Resident $loop = null): void
    {
        $this->inside = true;
        try {
            $callback = $this->callback;
            if ($this->coroutine) {
                \Swoole\Coroutine\run($callback, $process);
            } else {
                $callback($process);
            }
        } catch (Throwable $thrown) {
            fwrite(STDERR, "PHP Fatal error:  Uncaught $thrown\n");
            exit(255);
        }
        $routines = $loop === null ? 0 : \Swoole\Coroutine::stats()['coroutine_num'];
        if ($routines < 2 && ($loop === null || !$loop->hasTimers() && !$loop->hasWatchers())) {
            exit(0);
        }
    }

    /**
     * Makes the pipe this process's stdin and stdout, for what it starts, too. A descriptor that is opened gets the
     * lowest number that is free.
     */
    private function redirect(): void
    {
        $inode = fstat($this->stream)['ino'];
        $number = null;
        foreach (@scandir('/proc/self/fd') ?: [] as $fd) {
            $link = (string) @readlink("/proc/self/fd/$fd");
            $number = $link === "socket:[$inode]" ? (int) $fd : $number;
        }
        if ($number === null) {
            throw new Unsupported('Swoole\Process: stdin and stdout can be redirected on Linux only');
        }
        foreach ([STDIN, STDOUT] as $standard) {
            fclose($standard);
            self::$kept[] = fopen("php://fd/$number", 'r+');
        }
    }

    /**
     * @return int|false bytes
     */
    public function write(string $data)
    {
        if ($this->stream === null) {
            return Loader::warn('Swoole\Process::write', 'no pipe has been created, unable to write');
        }
        $written = 0;
        $all = $this->pipe === self::STREAM && stream_get_meta_data($this->stream)['blocked'];
        do {
            $n = @fwrite($this->stream, substr($data, $written));
            if ($n === false || $n === 0) {
                return $written > 0 ? $written : false;
            }
            $written += $n;
        } while ($all && $written < strlen($data));
        return $written;
    }

    /**
     * What is there, at most $size bytes; of messages one. Waits for it.
     *
     * @return string|false
     */
    public function read(int $size)
    {
        if ($this->stream === null) {
            return Loader::warn('Swoole\Process::read', 'no pipe has been created, unable to read');
        }
        $data = @fread($this->stream, max(1, $size));
        $timedOut = stream_get_meta_data($this->stream)['timed_out'];
        return $data === false || ($data === '' && ($timedOut || !feof($this->stream))) ? false : $data;
    }

    public function timeout(float $seconds): bool
    {
        $whole = (int) $seconds;
        return $this->stream !== null && stream_set_timeout($this->stream, $whole, (int) (($seconds - $whole) * 1e6));
    }

    public function blocking(bool $blocking): bool
    {
        return $this->stream !== null && stream_set_blocking($this->stream, $blocking);
    }

    public function close(): bool
    {
        if ($this->stream === null) {
            return Loader::warn('Swoole\Process::close', 'no pipe has been created');
        }
        fclose($this->stream);
        $this->stream = null;
        return true;
    }

    /**
     * Ends the child; nothing in the process that made it.
     */
    public function quit(int $code): void
    {
        if ($this->inside) {
            exit($code);
        }
    }

    /**
     * Becomes another program.
     *
     * @param array<mixed> $arguments
     */
    public function exec(string $file, array $arguments): bool
    {
        if (!$this->inside) {
            return Loader::warn('Swoole\Process::exec', 'the process has not been started');
        }
        flush();
        @pcntl_exec($file, array_map('strval', $arguments));
        $why = pcntl_strerror(pcntl_get_last_error());
        return Loader::warn('Swoole\Process::exec', "execve($file) failed, Error: $why");
    }

    /**
     * @return array{pid: int, code: int, signal: int}|false
     */
    public static function wait(bool $blocking)
    {
        $status = 0;
        do {
            $pid = pcntl_waitpid(-1, $status, $blocking ? 0 : WNOHANG);
        } while ($pid === -1 && pcntl_get_last_error() === PCNTL_EINTR && $blocking);
        if ($pid <= 0) {
            return false;
        }
        return [
            'pid' => $pid,
            'code' => pcntl_wifexited($status) ? pcntl_wexitstatus($status) : 0,
            'signal' => pcntl_wifsignaled($status) ? pcntl_wtermsig($status) : 0,
        ];
    }
}
