<?php

/**
 * The short names of Swoole\Coroutine's functions.
 */

declare(strict_types=1);

namespace Co;

use Swoole\Coroutine;

if (!function_exists('Co\\run')) {
    /**
     * Runs a function as a coroutine until all coroutines are over; not inside of callbacks.
     */
    function run(callable $fn, ...$args): bool
    {
        return Coroutine::run($fn, ...$args);
    }
}
if (!function_exists('Co\\go')) {
    /**
     * @return int|false
     */
    function go(callable $fn, ...$args)
    {
        return Coroutine::create($fn, ...$args);
    }
}
if (!function_exists('Co\\defer')) {
    function defer(callable $fn): void
    {
        Coroutine::defer($fn);
    }
}
if (!function_exists('Co\\batch')) {
    function batch(array $tasks, float $timeout = -1): array
    {
        return Coroutine\batch($tasks, $timeout);
    }
}
if (!function_exists('Co\\parallel')) {
    function parallel(int $n, callable $fn): void
    {
        Coroutine\parallel($n, $fn);
    }
}
if (!function_exists('Co\\map')) {
    function map(array $list, callable $fn, float $timeout = -1): array
    {
        return Coroutine\map($list, $fn, $timeout);
    }
}
