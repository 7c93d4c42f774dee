<?php

namespace Swoole;

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Scheduler;
use FpmBridge\Unsupported;
use Swoole\Coroutine\CanceledException;
use Swoole\Coroutine\Context;
use Swoole\Coroutine\Iterator;
use Swoole\Coroutine\System;
use Swoole\Coroutine\TimeoutException;

/**
 * Coroutines inside one event; they end with it. What blocks in PHP blocks all of them: there are no hooks.
 */
class Coroutine
{
    private const ERROR_CO_CANNOT_CANCEL = 10015;
    private const ERROR_CO_NOT_EXISTS = 10016;
    private const MIN_SECONDS = 0.001;

    /**
     * Runs a function as a coroutine, until it waits for the first time.
     *
     * @return int|false its id
     */
    public static function create(callable $func, ...$param)
    {
        return Scheduler::get()->create($func, $param);
    }

    /**
     * Calls a function when this coroutine ends; the last one first.
     */
    public static function defer(callable $callback): void
    {
        Scheduler::get()->here()->defers[] = $callback;
    }

    /**
     * @param array $options max_coroutine counts; others are kept
     */
    public static function set(array $options): void
    {
        $scheduler = Scheduler::get();
        $scheduler->options = $options + $scheduler->options;
    }

    public static function getOptions(): ?array
    {
        $options = Scheduler::get()->options;
        return $options === [] ? null : $options;
    }

    /**
     * The id of the coroutine that runs, -1 outside of all.
     */
    public static function getCid(): int
    {
        $current = Scheduler::get()->current();
        return $current === null ? -1 : $current->cid;
    }

    public static function getuid(): int
    {
        return self::getCid();
    }

    /**
     * @return int|false who created a coroutine: -1 nobody, false for an unknown one
     */
    public static function getPcid(int $cid = 0)
    {
        $routine = Scheduler::get()->find($cid);
        return $routine === null ? false : $routine->parent;
    }

    public static function exists(int $cid): bool
    {
        return $cid > 0 && Scheduler::get()->find($cid) !== null;
    }

    /**
     * An object to keep things in as long as the coroutine lives.
     */
    public static function getContext(int $cid = 0): ?Context
    {
        $routine = Scheduler::get()->find($cid);
        if ($routine === null) {
            return null;
        }
        return $routine->context ?? $routine->context = new Context([], Context::ARRAY_AS_PROPS);
    }

    /**
     * Milliseconds since a coroutine was created, -1 for an unknown one.
     */
    public static function getElapsed(int $cid = 0): int
    {
        $routine = Scheduler::get()->find($cid);
        return $routine === null ? -1 : (int) ((microtime(true) - $routine->since) * 1000);
    }

    /**
     * @return int|false 0: PHP does not tell
     */
    public static function getStackUsage(int $cid = 0)
    {
        return Scheduler::get()->find($cid) === null ? false : 0;
    }

    public static function list(): Iterator
    {
        return new Iterator(Scheduler::get()->routines->cids());
    }

    public static function listCoroutines(): Iterator
    {
        return self::list();
    }

    public static function stats(): array
    {
        $routines = Scheduler::get()->routines;
        return [
            'event_num' => 0, 'signal_listener_num' => 0, 'aio_task_num' => 0, 'aio_worker_num' => 0,
            'aio_queue_size' => 0, 'c_stack_size' => 0, 'coroutine_num' => $routines->count(),
            'coroutine_peak_num' => $routines->peak, 'coroutine_last_cid' => $routines->last,
        ];
    }

    /**
     * Waits until another coroutine calls resume().
     *
     * @return bool false when it was canceled
     */
    public static function yield(): bool
    {
        $scheduler = Scheduler::get();
        $scheduler->here()->yielded = true;
        return $scheduler->wait(null) === Scheduler::WOKEN;
    }

    public static function suspend(): bool
    {
        return self::yield();
    }

    /**
     * Continues a coroutine that called yield(), at once.
     */
    public static function resume(int $cid): bool
    {
        $scheduler = Scheduler::get();
        $routine = $cid > 0 ? $scheduler->find($cid) : null;
        if ($routine === null || !$routine->yielded || !$routine->waiting) {
            $text = 'can not resume the coroutine which is in IO operation or non-existent';
            return Loader::warn(__METHOD__, $text);
        }
        $scheduler->wake($routine);
        return true;
    }

    /**
     * Ends a coroutine's wait: the call it waits in fails.
     *
     * @param bool $throw_exception that call throws a CanceledException
     */
    public static function cancel(int $cid, bool $throw_exception = false): bool
    {
        $scheduler = Scheduler::get();
        $routine = $cid > 0 ? $scheduler->find($cid) : null;
        if ($routine === null) {
            return Loader::fail(self::ERROR_CO_NOT_EXISTS);
        }
        if (!$routine->waiting) {
            return Loader::fail(self::ERROR_CO_CANNOT_CANCEL);
        }
        $routine->canceled = true;
        $routine->throws = $throw_exception ? new CanceledException('the coroutine is canceled') : null;
        $scheduler->wake($routine, Scheduler::CANCELED);
        return true;
    }

    public static function isCanceled(): bool
    {
        return Scheduler::get()->here()->canceled;
    }

    /**
     * Waits for the end of other coroutines.
     *
     * @param array $cid_array
     * @param float $timeout seconds, less than 0: no limit
     */
    public static function join(array $cid_array, float $timeout = -1): bool
    {
        $scheduler = Scheduler::get();
        $me = $scheduler->here();
        if ($cid_array === [] || count(array_unique($cid_array)) !== count($cid_array)) {
            return Loader::warn(__METHOD__, 'the coroutine ids must be different ones');
        }
        if (in_array($me->cid, $cid_array)) {
            return Loader::warn(__METHOD__, 'can not join self');
        }
        $until = microtime(true) + $timeout;
        foreach ($cid_array as $cid) {
            $other = $scheduler->find((int) $cid);
            while ($other !== null && $scheduler->find($other->cid) === $other) {
                $left = $timeout < 0 ? null : $until - microtime(true);
                $other->joiners[] = [$me, $me->turn + 1];
                if (($left !== null && $left <= 0) || $scheduler->wait($left) !== Scheduler::WOKEN) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Lets other coroutines run for a time.
     *
     * @return bool false, with a warning, below 1 ms; false when it was canceled
     */
    public static function sleep(float $seconds): bool
    {
        if ($seconds < self::MIN_SECONDS) {
            return Loader::warn(__METHOD__, 'Timer must be greater than or equal to 0.001');
        }
        return Scheduler::get()->wait($seconds) === Scheduler::TIMEOUT;
    }

    /**
     * OpenSwoole's sleep() in microseconds.
     */
    public static function usleep(int $microseconds): bool
    {
        return self::sleep(max(self::MIN_SECONDS, $microseconds / 1e6));
    }

    /**
     * Ends a wait that lasts longer: it throws a TimeoutException.
     */
    public static function setTimeLimit(float $timeout): bool
    {
        $scheduler = Scheduler::get();
        $me = $scheduler->here();
        $me->limit = $timeout > 0 ? microtime(true) + $timeout : null;
        $me->exceeded = new TimeoutException("the coroutine took longer than $timeout s");
        return true;
    }

    /**
     * OpenSwoole's name of Swoole\Coroutine\run().
     */
    public static function run(callable $callback, ...$params): bool
    {
        $scheduler = new Coroutine\Scheduler();
        $scheduler->add($callback, ...$params);
        return $scheduler->start();
    }

    /**
     * There is no preemption.
     */
    public static function enableScheduler(): bool
    {
        return false;
    }

    public static function disableScheduler(): bool
    {
        return false;
    }

    /**
     * @return array|false
     */
    public static function getBackTrace(
        int $cid = 0,
        int $options = DEBUG_BACKTRACE_PROVIDE_OBJECT,
        int $limit = 0
    ) {
        $routine = Scheduler::get()->find($cid);
        if ($routine === null) {
            return false;
        }
        if ($routine->fiber !== null && $routine->fiber->isSuspended()) {
            $trace = (new \ReflectionFiber($routine->fiber))->getTrace($options);
            return $limit > 0 ? array_slice($trace, 0, $limit) : $trace;
        }
        return debug_backtrace($options, $limit);
    }

    public static function printBackTrace(int $cid = 0, int $options = 0, int $limit = 0): void
    {
        foreach (self::getBackTrace($cid, $options, $limit) ?: [] as $number => $frame) {
            $name = ($frame['class'] ?? '') . ($frame['type'] ?? '') . $frame['function'];
            $place = isset($frame['file']) ? " called at [{$frame['file']}:{$frame['line']}]" : '';
            echo "#$number  $name()$place\n";
        }
    }

    /**
     * @return string|false
     */
    public static function gethostbyname(string $domain_name, int $type = 2, float $timeout = -1)
    {
        return System::gethostbyname($domain_name, $type, $timeout);
    }

    /**
     * @return string|false
     */
    public static function dnsLookup(string $domain_name, float $timeout = 60, int $type = 2)
    {
        return System::dnsLookup($domain_name, $timeout, $type);
    }

    /**
     * @return array|bool
     */
    public static function getaddrinfo(
        string $domain,
        int $family = 2,
        int $socktype = 1,
        int $protocol = 6,
        ?string $service = null,
        float $timeout = -1
    ) {
        return System::getaddrinfo($domain, $family, $socktype, $protocol, $service, $timeout);
    }

    /**
     * @return array|false code, signal, output
     */
    public static function exec(string $command, bool $get_error_stream = false)
    {
        return System::exec($command, $get_error_stream);
    }

    /**
     * @return string|false
     */
    public static function readFile(string $filename, int $flag = 0)
    {
        return System::readFile($filename, $flag);
    }

    /**
     * @return int|false
     */
    public static function writeFile(string $filename, string $fileContent, int $flags = 0)
    {
        return System::writeFile($filename, $fileContent, $flags);
    }

    /** @throws Unsupported always */
    public static function statvfs(string $path): array
    {
        return System::statvfs($path);
    }

    /** @throws Unsupported always */
    public static function wait(float $timeout = -1)
    {
        return System::wait($timeout);
    }

    /** @throws Unsupported always */
    public static function waitPid(int $pid, float $timeout = -1)
    {
        return System::waitPid($pid, $timeout);
    }

    /** @throws Unsupported always */
    public static function waitSignal($signals, float $timeout = -1)
    {
        return System::waitSignal($signals, $timeout);
    }

    /**
     * @return int|false
     */
    public static function waitEvent($socket, int $events = 512, float $timeout = -1)
    {
        return System::waitEvent($socket, $events, $timeout);
    }
}
