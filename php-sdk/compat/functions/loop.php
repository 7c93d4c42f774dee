<?php

/**
 * Swoole's functions for timers, the event loop and coroutines: its classes under other names.
 */

declare(strict_types=1);

use FpmBridge\Unsupported;
use Swoole\Coroutine;
use Swoole\Event;
use Swoole\Timer;

if (!function_exists('swoole_timer_tick')) {
    function swoole_timer_tick(int $ms, callable $callback, ...$params)
    {
        return Timer::tick($ms, $callback, ...$params);
    }
}
if (!function_exists('swoole_timer_after')) {
    function swoole_timer_after(int $ms, callable $callback, ...$params)
    {
        return Timer::after($ms, $callback, ...$params);
    }
}
if (!function_exists('swoole_timer_clear')) {
    function swoole_timer_clear(int $timer_id): bool
    {
        return Timer::clear($timer_id);
    }
}
if (!function_exists('swoole_timer_clear_all')) {
    function swoole_timer_clear_all(): bool
    {
        return Timer::clearAll();
    }
}
if (!function_exists('swoole_timer_exists')) {
    function swoole_timer_exists(int $timer_id): bool
    {
        return Timer::exists($timer_id);
    }
}
if (!function_exists('swoole_timer_info')) {
    function swoole_timer_info(int $timer_id): ?array
    {
        return Timer::info($timer_id);
    }
}
if (!function_exists('swoole_timer_list')) {
    function swoole_timer_list(): Timer\Iterator
    {
        return Timer::list();
    }
}
if (!function_exists('swoole_timer_stats')) {
    function swoole_timer_stats(): array
    {
        return Timer::stats();
    }
}
if (!function_exists('swoole_event_add')) {
    function swoole_event_add(
        $fd,
        ?callable $read_callback = null,
        ?callable $write_callback = null,
        int $events = 512
    ) {
        return Event::add($fd, $read_callback, $write_callback, $events);
    }
}
if (!function_exists('swoole_event_set')) {
    function swoole_event_set(
        $fd,
        ?callable $read_callback = null,
        ?callable $write_callback = null,
        int $events = 0
    ): bool {
        return Event::set($fd, $read_callback, $write_callback, $events);
    }
}
if (!function_exists('swoole_event_del')) {
    function swoole_event_del($fd): bool
    {
        return Event::del($fd);
    }
}
if (!function_exists('swoole_event_isset')) {
    function swoole_event_isset($fd, int $events = 1536): bool
    {
        return Event::isset($fd, $events);
    }
}
if (!function_exists('swoole_event_write')) {
    function swoole_event_write($fd, string $data): bool
    {
        return Event::write($fd, $data);
    }
}
if (!function_exists('swoole_event_defer')) {
    function swoole_event_defer(callable $callback): bool
    {
        return Event::defer($callback);
    }
}
if (!function_exists('swoole_event_cycle')) {
    function swoole_event_cycle(?callable $callback, bool $before = false): bool
    {
        return Event::cycle($callback, $before);
    }
}
if (!function_exists('swoole_event_dispatch')) {
    function swoole_event_dispatch(): bool
    {
        return Event::dispatch();
    }
}
if (!function_exists('swoole_event_exit')) {
    function swoole_event_exit(): void
    {
        Event::exit();
    }
}
if (!function_exists('swoole_event_wait')) {
    function swoole_event_wait(): void
    {
        Event::wait();
    }
}
if (!function_exists('swoole_event_rshutdown')) {
    function swoole_event_rshutdown(): void
    {
        Event::rshutdown();
    }
}
if (!function_exists('swoole_coroutine_create')) {
    function swoole_coroutine_create(callable $func, ...$params)
    {
        return Coroutine::create($func, ...$params);
    }
}
if (!function_exists('swoole_coroutine_defer')) {
    function swoole_coroutine_defer(callable $callback): void
    {
        Coroutine::defer($callback);
    }
}
if (!function_exists('go')) {
    function go(callable $func, ...$params)
    {
        return Coroutine::create($func, ...$params);
    }
}
if (!function_exists('defer')) {
    function defer(callable $callback): void
    {
        Coroutine::defer($callback);
    }
}
if (!function_exists('swoole_async_dns_lookup_coro')) {
    function swoole_async_dns_lookup_coro(string $domain_name, float $timeout = 60, int $type = 2)
    {
        return Coroutine::dnsLookup($domain_name, $timeout, $type);
    }
}
if (!function_exists('swoole_test_kernel_coroutine')) {
    /**
     * Coroutines that sleep.
     */
    function swoole_test_kernel_coroutine(int $count = 100, float $sleep_time = 1.0): void
    {
        for ($i = 0; $i < $count; $i++) {
            Coroutine::create([Coroutine::class, 'sleep'], $sleep_time);
        }
    }
}
if (!function_exists('swoole_coroutine_socketpair')) {
    /** @throws Unsupported always */
    function swoole_coroutine_socketpair(int $domain, int $type, int $protocol)
    {
        throw new Unsupported('swoole_coroutine_socketpair() needs the sockets of the extension: use a'
            . ' Swoole\Coroutine\Channel between coroutines');
    }
}
