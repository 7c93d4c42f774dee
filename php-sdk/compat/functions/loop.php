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
    function swoole_timer_clear(?int $timer_id): bool
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
    function swoole_timer_exists(?int $timer_id): bool
    {
        return Timer::exists($timer_id);
    }
}
if (!function_exists('swoole_timer_info')) {
    function swoole_timer_info(?int $timer_id): ?array
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

// Files and names as Swoole 1 to 4.2 had them: it is done at once, the callback runs in the loop's next round.
if (!function_exists('swoole_async_readfile')) {
    /**
     * @param callable $callback gets the name and the content
     * @return bool false, with a warning, for a file that cannot be read
     */
    function swoole_async_readfile(string $filename, callable $callback): bool
    {
        return swoole_async_read($filename, $callback, -1);
    }
}
if (!function_exists('swoole_async_writefile')) {
    /**
     * @param callable|null $callback gets the name
     * @param int $flags FILE_APPEND
     * @return bool false, with a warning, for a file that cannot be written
     */
    function swoole_async_writefile(string $filename, string $content, ?callable $callback = null, int $flags = 0): bool
    {
        return file_put_contents($filename, $content, $flags) !== false
            && ($callback === null || Event::defer(static function () use ($callback, $filename): void {
                $callback($filename);
            }));
    }
}
if (!function_exists('swoole_async_read')) {
    /**
     * @param callable $callback gets the name and a piece, at the end ''; false ends it
     * @param int $chunk_size -1: all in one piece, without ''
     * @return bool false, with a warning, for a file that cannot be read
     */
    function swoole_async_read(string $filename, callable $callback, int $chunk_size = 8192, int $offset = 0): bool
    {
        $content = file_get_contents($filename, false, null, $offset);
        return $content !== false && Event::defer(static function () use ($callback, $filename, $content, $chunk_size) {
            $pieces = $chunk_size < 1 ? [$content] : array_merge(str_split($content, $chunk_size), ['']);
            foreach ($pieces as $piece) {
                if ($callback($filename, $piece) === false) {
                    return;
                }
            }
        });
    }
}
if (!function_exists('swoole_async_write')) {
    /**
     * @param int $offset -1: at the end
     * @param callable|null $callback gets the name and the number of bytes
     * @return bool false, with a warning, for a file that cannot be written
     */
    function swoole_async_write(string $filename, string $content, int $offset = -1, ?callable $callback = null): bool
    {
        $file = fopen($filename, $offset < 0 ? 'ab' : 'cb');
        if ($file === false || $offset > 0 && fseek($file, $offset) !== 0 || fwrite($file, $content) === false) {
            return false;
        }
        fclose($file);
        return $callback === null || Event::defer(static function () use ($callback, $filename, $content): void {
            $callback($filename, strlen($content));
        });
    }
}
if (!function_exists('swoole_async_dns_lookup')) {
    /**
     * @param callable $callback gets the name and its address, '' if there is none
     */
    function swoole_async_dns_lookup(string $hostname, callable $callback): bool
    {
        return Event::defer(static function () use ($callback, $hostname): void {
            $address = gethostbyname($hostname);
            $callback($hostname, filter_var($address, FILTER_VALIDATE_IP) === false ? '' : $address);
        });
    }
}
