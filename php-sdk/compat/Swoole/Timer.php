<?php

namespace Swoole;

use FpmBridge\Compat\Helpers;
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Nulls;
use FpmBridge\Resident;
use FpmBridge\Runtime;
use FpmBridge\Timers;
use FpmBridge\Unsupported;

/**
 * Timers of a resident worker. In request mode there is no process that stays: tick() and after() give false, with a
 * warning (in workerStart and start, which come with each event, with a line at debug level: it was said when the
 * script was described). The others know that there is no timer.
 */
class Timer
{
    /**
     * Calls $callback($id, ...$params) every $ms milliseconds.
     *
     * @return int|false the timer's id, from 1 in each worker; false, with a warning, below 1 ms and in request mode
     * @throws Unsupported before start()
     */
    public static function tick(int $ms, callable $callback, ...$params)
    {
        return self::add(__METHOD__, $ms, $callback, $params, true);
    }

    /**
     * Calls $callback(...$params) once, in $ms milliseconds.
     *
     * @return int|false as tick()
     * @throws Unsupported as tick()
     */
    public static function after(int $ms, callable $callback, ...$params)
    {
        return self::add(__METHOD__, $ms, $callback, $params, false);
    }

    /**
     * @return bool false for an unknown timer, or one that is over
     */
    public static function clear(?int $timer_id): bool
    {
        $timer_id = $timer_id ?? Nulls::int(__METHOD__, 1, 'timer_id');
        $timers = self::timers();
        return $timers !== null && $timers->clear($timer_id);
    }

    public static function clearAll(): bool
    {
        $timers = self::timers();
        if ($timers !== null) {
            $timers->clearAll();
        }
        return true;
    }

    public static function exists(?int $timer_id): bool
    {
        $timer_id = $timer_id ?? Nulls::int(__METHOD__, 1, 'timer_id');
        $timers = self::timers();
        return $timers !== null && $timers->exists($timer_id);
    }

    /**
     * @return array|null exec_msec, exec_count, interval (0 for after()), round, removed; null for an unknown timer
     */
    public static function info(?int $timer_id): ?array
    {
        $timer_id = $timer_id ?? Nulls::int(__METHOD__, 1, 'timer_id');
        $timers = self::timers();
        return $timers === null ? null : $timers->info($timer_id);
    }

    public static function list(): Timer\Iterator
    {
        $timers = self::timers();
        return new Timer\Iterator($timers === null ? [] : $timers->ids());
    }

    public static function stats(): array
    {
        $timers = self::timers();
        return [
            'initialized' => $timers !== null,
            'num' => $timers === null ? 0 : count($timers->ids()),
            'round' => $timers === null ? 0 : $timers->rounds(),
        ];
    }

    /**
     * @param list<mixed> $params
     * @return int|false
     */
    private static function add(string $method, int $ms, callable $callback, array $params, bool $again)
    {
        if ($ms < 1) {
            return Loader::warn($method, 'Timer must be greater than or equal to 1');
        }
        $worker = self::worker();
        if ($worker !== null) {
            return $worker->timers()->add($ms, $callback, $params, $again);
        }
        return Helpers::leaveOutTimer($method);
    }

    private static function worker(): ?Resident
    {
        $run = Runtime::current();
        return $run === null ? null : $run->worker;
    }

    /**
     * Those of this process; null if it never had one.
     */
    private static function timers(): ?Timers
    {
        $worker = self::worker();
        return $worker === null || !$worker->hasTimers() ? null : $worker->timers();
    }
}
