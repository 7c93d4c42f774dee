<?php

namespace Swoole;

use FpmBridge\Compat\Helpers;
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Scheduler;
use FpmBridge\Runtime;
use FpmBridge\Unsupported;
use FpmBridge\Watchers;

/**
 * The loop that runs an event's coroutines. In request mode it ends with the event, so it watches no files; a resident
 * worker's does.
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
        $run = Runtime::current();
        if ($run === null || $run->worker === null || !$run->worker->hasWatchers()) {
            return false;
        }
        $watchers = $run->worker->watchers();
        $number = $watchers->number($fd);
        return $number !== null && $watchers->has($number, $events);
    }

    /**
     * @return bool false, with a warning, for what is not watched
     */
    public static function del($fd): bool
    {
        if (!self::isset($fd)) {
            return Loader::warn(__METHOD__, 'the descriptor is not in the event loop');
        }
        $watchers = Runtime::require()->worker->watchers();
        $watchers->remove((int) $watchers->number($fd));
        return true;
    }

    /**
     * The end of a request: there is nothing left to do.
     */
    public static function rshutdown(): void
    {
    }

    /**
     * Calls a function whenever a descriptor can be read, or written, in a resident worker.
     *
     * @param resource|\Socket $fd a stream or a socket of ext-sockets; it does not block from then on
     * @param int $events SWOOLE_EVENT_READ and SWOOLE_EVENT_WRITE, or-ed
     * @return int|false its number; false, with a warning, for one that is watched already or cannot be, and without a
     *     callback; in request mode false in workerStart and start
     * @throws Unsupported in request mode, in other callbacks
     */
    public static function add(
        $fd,
        ?callable $read_callback = null,
        ?callable $write_callback = null,
        int $events = 512
    ) {
        $watchers = self::watchers('add');
        if ($watchers === null) {
            return false;
        }
        $number = $watchers->number($fd);
        if ($number === null) {
            return Loader::warn(__METHOD__, 'the descriptor must be a stream or a socket');
        }
        if ($watchers->has($number)) {
            return Loader::warn(__METHOD__, "fd[$number] is already in the event loop");
        }
        $missing = self::missing($read_callback, $write_callback, $events);
        if ($missing !== '') {
            return Loader::warn(__METHOD__, $missing);
        }
        $watchers->put($fd, $read_callback, $write_callback, $events);
        return $number;
    }

    /**
     * Changes what is watched.
     *
     * @param int $events 0: as before
     * @return bool false, with a warning, for what is not watched, and without a callback; in request mode false in
     *     workerStart and start
     * @throws Unsupported in request mode, in other callbacks
     */
    public static function set(
        $fd,
        ?callable $read_callback = null,
        ?callable $write_callback = null,
        int $events = 0
    ): bool {
        $watchers = self::watchers('set');
        if ($watchers === null) {
            return false;
        }
        if (!self::isset($fd)) {
            return Loader::warn(__METHOD__, 'the descriptor is not in the event loop');
        }
        [$read, $write, $before] = $watchers->of((int) $watchers->number($fd));
        $events = $events === 0 ? $before : $events;
        $missing = self::missing($read_callback ?? $read, $write_callback ?? $write, $events);
        if ($missing !== '') {
            return Loader::warn(__METHOD__, $missing);
        }
        $watchers->put($fd, $read_callback, $write_callback, $events);
        return true;
    }

    /**
     * Writes to a descriptor; what it has no room for now follows by itself.
     *
     * @return bool false, with a warning, for no data and for what cannot be watched; false when it is closed, and in
     *     request mode in workerStart and start
     * @throws Unsupported in request mode, in other callbacks
     */
    public static function write($fd, string $data): bool
    {
        $watchers = self::watchers('write');
        if ($watchers === null) {
            return false;
        }
        if ($data === '') {
            return Loader::warn(__METHOD__, 'data empty');
        }
        if ($watchers->number($fd) === null) {
            return Loader::warn(__METHOD__, 'the descriptor must be a stream or a socket');
        }
        return $watchers->write($fd, $data);
    }

    private static function missing(?callable $read, ?callable $write, int $events): string
    {
        if ($read === null && $write === null) {
            return 'both read and write callbacks are empty';
        }
        if (($events & Watchers::READ) !== 0 && $read === null) {
            return 'readable event callback is null';
        }
        return ($events & Watchers::WRITE) !== 0 && $write === null ? 'writable event callback is null' : '';
    }

    /**
     * Those of the worker; null in request mode, where the log says so.
     */
    private static function watchers(string $method): ?Watchers
    {
        $run = Runtime::current();
        if ($run !== null && $run->worker !== null) {
            return $run->worker->watchers();
        }
        $why = 'watches a descriptor beyond the event, which needs a PHP process that stays: use --mode resident';
        Helpers::leaveOut("Swoole\\Event::$method()", $why, 'or wait for it with Swoole\Coroutine::waitEvent()');
        return null;
    }
}
