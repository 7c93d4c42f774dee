<?php

namespace Swoole;

use FpmBridge\Compat\Helpers;
use FpmBridge\Compat\Loader;
use FpmBridge\Unsupported;

/**
 * A timer needs a process that stays. In workerStart and start, which scripts use to set them up, tick() and after()
 * give false and say so in the log; elsewhere they throw. The others know that there is no timer.
 */
class Timer
{
    /**
     * @return int|false
     * @throws Unsupported in the callback of a connection
     */
    public static function tick(int $ms, callable $callback, ...$params)
    {
        return self::add(__METHOD__, $ms);
    }

    /**
     * @return int|false
     * @throws Unsupported in the callback of a connection
     */
    public static function after(int $ms, callable $callback, ...$params)
    {
        return self::add(__METHOD__, $ms);
    }

    public static function clear(int $timer_id): bool
    {
        return false;
    }

    public static function clearAll(): bool
    {
        return true;
    }

    public static function exists(int $timer_id): bool
    {
        return false;
    }

    public static function info(int $timer_id): ?array
    {
        return null;
    }

    public static function list(): Timer\Iterator
    {
        return new Timer\Iterator([]);
    }

    public static function stats(): array
    {
        return ['initialized' => false, 'num' => 0, 'round' => 0];
    }

    /**
     * @return false
     */
    private static function add(string $method, int $ms): bool
    {
        if ($ms < 1) {
            return Loader::warn($method, 'Timer must be greater than or equal to 1');
        }
        Helpers::leaveOut("$method() needs a PHP process that stays: use --mode resident");
        return false;
    }
}
