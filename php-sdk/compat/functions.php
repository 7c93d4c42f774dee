<?php

/**
 * Swoole's functions that need no process that stays; the timers throw.
 */

declare(strict_types=1);

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Names;
use FpmBridge\Unsupported;

if (!function_exists('swoole_version')) {
    function swoole_version(): string
    {
        return '6.2.1';
    }
}
if (!function_exists('swoole_cpu_num')) {
    function swoole_cpu_num(): int
    {
        $text = (string) @file_get_contents('/proc/cpuinfo');
        return max(1, preg_match_all('/^processor\s*:/m', $text));
    }
}
if (!function_exists('swoole_last_error')) {
    function swoole_last_error(): int
    {
        return Loader::$lastError;
    }
}
if (!function_exists('swoole_errno')) {
    function swoole_errno(): int
    {
        return function_exists('posix_get_last_error') ? posix_get_last_error() : 0;
    }
}
if (!function_exists('swoole_clear_error')) {
    function swoole_clear_error(): void
    {
        Loader::$lastError = 0;
    }
}
if (!function_exists('swoole_strerror')) {
    /**
     * @param int $error_type SWOOLE_STRERROR_*: 0 the system's, 9 Swoole's; errors from 501 on are Swoole's whatever it
     *     says
     */
    function swoole_strerror(int $errno, int $error_type = 0): string
    {
        if ($error_type !== 9 && $errno < 501) {
            return function_exists('posix_strerror') ? posix_strerror($errno) : "Unknown error $errno";
        }
        Names::all();
        foreach (get_defined_constants() as $name => $value) {
            if ($value === $errno && strncmp($name, 'SWOOLE_ERROR_', 13) === 0) {
                return strtolower(strtr(substr($name, 13), '_', ' '));
            }
        }
        return 'Unknown error';
    }
}
if (!function_exists('swoole_error_log')) {
    /**
     * @param int $level SWOOLE_LOG_*: 0 debug to 5 error, 6 none
     */
    function swoole_error_log(int $level, string $msg): void
    {
        $run = FpmBridge\Runtime::current();
        if ($run !== null && $level < 6) {
            $levels = [0, 0, 1, 1, 2, 3];
            $run->log->add($levels[max(0, $level)], $msg);
        }
    }
}
if (!function_exists('swoole_get_local_ip')) {
    /**
     * @return array<string, string> interface => IPv4 address, without loopback
     */
    function swoole_get_local_ip(int $family = 2): array
    {
        $found = [];
        foreach (function_exists('net_get_interfaces') ? (net_get_interfaces() ?: []) : [] as $name => $interface) {
            foreach ($interface['unicast'] ?? [] as $unicast) {
                $address = $unicast['address'] ?? '';
                if (($unicast['family'] ?? 0) === $family && $address !== '127.0.0.1' && $address !== '::1') {
                    $found[$name] = $address;
                }
            }
        }
        return $found;
    }
}
if (!function_exists('swoole_get_local_mac')) {
    /**
     * @return array<string, string> interface => address, without loopback
     */
    function swoole_get_local_mac(): array
    {
        $found = [];
        foreach (glob('/sys/class/net/*/address') ?: [] as $file) {
            $name = basename(dirname($file));
            if ($name !== 'lo') {
                $found[$name] = strtoupper(trim((string) @file_get_contents($file)));
            }
        }
        return $found;
    }
}
if (!function_exists('swoole_set_process_name')) {
    /**
     * A PHP-FPM child serves many scripts: it keeps its name.
     */
    function swoole_set_process_name(string $process_name): bool
    {
        return true;
    }
}
if (!function_exists('swoole_async_set')) {
    /**
     * Settings of an event loop that is not there.
     *
     * @param array<string, mixed> $settings
     */
    function swoole_async_set(array $settings): bool
    {
        return true;
    }
}
if (!function_exists('swoole_timer_tick')) {
    /** @throws Unsupported always */
    function swoole_timer_tick(int $ms, callable $callback, ...$params): int
    {
        throw new Unsupported('swoole_timer_tick() needs a PHP process that stays: use --mode resident (not in this'
            . ' version yet)');
    }
}
if (!function_exists('swoole_timer_after')) {
    /** @throws Unsupported always */
    function swoole_timer_after(int $ms, callable $callback, ...$params): int
    {
        throw new Unsupported('swoole_timer_after() needs a PHP process that stays: use --mode resident (not in this'
            . ' version yet)');
    }
}
