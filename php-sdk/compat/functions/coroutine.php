<?php

/**
 * Functions of Swoole\Coroutine.
 */

declare(strict_types=1);

namespace Swoole\Coroutine;

use Swoole\Coroutine;

if (!function_exists('Swoole\\Coroutine\\run')) {
    /**
     * Runs a function as a coroutine until all coroutines are over; not inside of callbacks.
     */
    function run(callable $fn, ...$args): bool
    {
        return Coroutine::run($fn, ...$args);
    }
}
if (!function_exists('Swoole\\Coroutine\\go')) {
    /**
     * @return int|false
     */
    function go(callable $fn, ...$args)
    {
        return Coroutine::create($fn, ...$args);
    }
}
if (!function_exists('Swoole\\Coroutine\\defer')) {
    function defer(callable $fn): void
    {
        Coroutine::defer($fn);
    }
}
if (!function_exists('Swoole\\Coroutine\\batch')) {
    /**
     * @return array<mixed> results by the keys of the functions, null for those that took too long
     */
    function batch(array $tasks, float $timeout = -1): array
    {
        $group = new WaitGroup(count($tasks));
        $results = array_fill_keys(array_keys($tasks), null);
        foreach ($tasks as $id => $task) {
            Coroutine::create(static function () use ($group, &$results, $id, $task): void {
                $results[$id] = $task();
                $group->done();
            });
        }
        $group->wait($timeout);
        return $results;
    }
}
if (!function_exists('Swoole\\Coroutine\\parallel')) {
    function parallel(int $n, callable $fn): void
    {
        $group = new WaitGroup($n);
        for ($i = 0; $i < $n; $i++) {
            Coroutine::create(static function () use ($group, $fn): void {
                $fn();
                $group->done();
            });
        }
        $group->wait();
    }
}
if (!function_exists('Swoole\\Coroutine\\map')) {
    /**
     * @return array<mixed> results by the keys of the list
     */
    function map(array $list, callable $fn, float $timeout = -1): array
    {
        $tasks = [];
        foreach ($list as $id => $value) {
            $tasks[$id] = static fn() => $fn($value, $id);
        }
        return batch($tasks, $timeout);
    }
}
if (!function_exists('Swoole\\Coroutine\\deadlock_check')) {
    /**
     * Prints where the coroutines wait.
     */
    function deadlock_check(): void
    {
        $count = Coroutine::stats()['coroutine_num'];
        if ($count > 0) {
            echo "[FATAL ERROR]: all coroutines (count: $count) are asleep - deadlock!\n";
            foreach (Coroutine::list() as $cid) {
                echo "[Coroutine-$cid]\n";
                Coroutine::printBackTrace($cid, DEBUG_BACKTRACE_IGNORE_ARGS, 32);
            }
        }
    }
}
