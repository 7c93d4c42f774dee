<?php

namespace Swoole;

use FpmBridge\Compat\Helpers;
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Scheduler;
use FpmBridge\Unsupported;

/**
 * The loop that runs an event's coroutines. It ends with the event, so it watches no files.
 */
class Event
{
    /**
     * Calls a function in the next round: when the callback waits, or is over.
     */
    public static function defer(callable $callback): bool
    {
        Scheduler::get()->loop->defer($callback);
        return true;
    }

    /**
     * Calls a function in each round; null: no more.
     */
    public static function cycle(?callable $callback, bool $before = false): bool
    {
        Scheduler::get()->loop->cycle($callback, $before);
        return true;
    }

    /**
     * Runs all coroutines to their end. Nothing to do inside of one.
     */
    public static function wait(): void
    {
        $scheduler = Scheduler::get();
        if ($scheduler->current() === null && !$scheduler->isResident()) {
            $scheduler->run([]);
        }
    }

    /**
     * Coroutines that still wait when the callback ends are dropped.
     */
    public static function exit(): void
    {
        Scheduler::get()->stop();
    }

    /**
     * One round.
     */
    public static function dispatch(): bool
    {
        Scheduler::get()->loop->round();
        return true;
    }

    public static function isset($fd, int $events = 1536): bool
    {
        return false;
    }

    /**
     * @return bool false: nothing is watched
     */
    public static function del($fd): bool
    {
        return Loader::warn(__METHOD__, 'the descriptor is not in the event loop');
    }

    /**
     * The end of a request: there is nothing left to do.
     */
    public static function rshutdown(): void
    {
    }

    /**
     * @return false in workerStart and start
     * @throws Unsupported in other callbacks
     */
    public static function add(
        $fd,
        ?callable $read_callback = null,
        ?callable $write_callback = null,
        int $events = 512
    ) {
        return self::leaveOut('add');
    }

    /**
     * @return false in workerStart and start
     * @throws Unsupported in other callbacks
     */
    public static function set(
        $fd,
        ?callable $read_callback = null,
        ?callable $write_callback = null,
        int $events = 0
    ): bool {
        return self::leaveOut('set');
    }

    /**
     * @return false in workerStart and start
     * @throws Unsupported in other callbacks
     */
    public static function write($fd, string $data): bool
    {
        return self::leaveOut('write');
    }

    /**
     * @return false
     */
    private static function leaveOut(string $method): bool
    {
        $why = 'watches a descriptor beyond the event, which the bridge has no loop for';
        Helpers::leaveOut("Swoole\\Event::$method()", $why, 'wait for it with Swoole\Coroutine::waitEvent()');
        return false;
    }
}
