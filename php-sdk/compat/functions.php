<?php

/**
 * Swoole's functions about the system and errors.
 */

declare(strict_types=1);

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Names;
use FpmBridge\Compat\Helpers;
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
        Helpers::log($level, $msg);
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
        Helpers::log(0, 'a PHP-FPM child keeps its name, it serves other scripts, too');
        return true;
    }
}
// PHP has these in the CLI only, where Swoole's servers run.
if (!function_exists('cli_set_process_title')) {
    /**
     * A PHP-FPM child keeps its name.
     */
    function cli_set_process_title(string $title): bool
    {
        return swoole_set_process_name($title);
    }
}
if (!function_exists('cli_get_process_title')) {
    /**
     * @return string '': nobody has set one
     */
    function cli_get_process_title(): ?string
    {
        return '';
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
if (!function_exists('swoole_error_log_ex')) {
    /**
     * As swoole_error_log(), with an error code.
     *
     * @param int $error what swoole_ignore_error() may have silenced
     */
    function swoole_error_log_ex(int $level, int $error, string $msg): void
    {
        if (!isset(Helpers::$ignored[$error])) {
            Helpers::log($level, "$msg (ERRNO $error)");
        }
    }
}
if (!function_exists('swoole_ignore_error')) {
    /**
     * swoole_error_log_ex() is silent about this error from now on.
     */
    function swoole_ignore_error(int $error): void
    {
        Helpers::$ignored[$error] = true;
    }
}
if (!function_exists('swoole_clear_dns_cache')) {
    /**
     * The extension keeps addresses; PHP does not.
     */
    function swoole_clear_dns_cache(): void
    {
        // Nothing is kept here: PHP asks the system each time.
        return;
    }
}
if (!function_exists('swoole_hashcode')) {
    /**
     * @param int $type 0: as PHP hashes array keys, 1: one at a time
     * @return int|false
     */
    function swoole_hashcode(string $data, int $type = 0)
    {
        return Helpers::hash($data, $type);
    }
}
if (!function_exists('swoole_substr_unserialize')) {
    /**
     * unserialize() of a part of a string.
     *
     * @param int $offset less than 0: from the end
     * @param int $length 0 and less: to the end
     * @return mixed
     */
    function swoole_substr_unserialize(string $str, int $offset, int $length = 0, array $options = [])
    {
        $part = Helpers::part($str, $offset, $length);
        return $part === null ? false : unserialize($part, $options);
    }
}
if (!function_exists('swoole_substr_json_decode')) {
    /**
     * json_decode() of a part of a string.
     *
     * @param int $offset less than 0: from the end
     * @param int $length 0 and less: to the end
     * @return mixed
     */
    function swoole_substr_json_decode(
        string $str,
        int $offset,
        int $length = 0,
        bool $associative = false,
        int $depth = 512,
        int $flags = 0
    ) {
        $part = Helpers::part($str, $offset, $length);
        return $part === null ? false : json_decode($part, $associative, $depth, $flags);
    }
}
if (!function_exists('swoole_select')) {
    /**
     * As stream_select().
     *
     * @param float|null $timeout seconds, null: no limit
     * @return int|false
     */
    function swoole_select(?array &$read, ?array &$write, ?array &$except, ?float $timeout = 0.5)
    {
        return Helpers::select($read, $write, $except, $timeout);
    }
}
if (!function_exists('swoole_client_select')) {
    /**
     * As stream_select().
     *
     * @param float|null $timeout seconds, null: no limit
     * @return int|false
     */
    function swoole_client_select(?array &$read, ?array &$write, ?array &$except, ?float $timeout = 0.5)
    {
        return Helpers::select($read, $write, $except, $timeout);
    }
}
if (!function_exists('swoole_name_resolver_add')) {
    /**
     * @param object $ns a Swoole\NameResolver: lookup() is asked before the system
     */
    function swoole_name_resolver_add($ns): bool
    {
        array_unshift(Helpers::$resolvers, $ns);
        return true;
    }
}
if (!function_exists('swoole_name_resolver_remove')) {
    /**
     * @param object $ns what swoole_name_resolver_add() was given
     */
    function swoole_name_resolver_remove($ns): bool
    {
        $key = array_search($ns, Helpers::$resolvers, true);
        if ($key === false) {
            return false;
        }
        array_splice(Helpers::$resolvers, $key, 1);
        return true;
    }
}
if (!function_exists('swoole_name_resolver_lookup')) {
    /**
     * @param object $ctx a Swoole\NameResolver\Context, not used
     * @return string an address; the name if there is none
     */
    function swoole_name_resolver_lookup(string $name, $ctx): string
    {
        foreach (Helpers::$resolvers as $resolver) {
            $address = $resolver->lookup($name);
            if ($address !== null && $address !== false && $address !== '') {
                return (string) $address;
            }
        }
        return gethostbyname($name);
    }
}
if (!function_exists('swoole_internal_call_user_shutdown_begin')) {
    /**
     * @return false with a warning, as for all scripts
     */
    function swoole_internal_call_user_shutdown_begin(): bool
    {
        return Loader::warn('swoole_internal_call_user_shutdown_begin', 'can not call this function in user level');
    }
}
if (!function_exists('swoole_get_objects')) {
    /** @throws Unsupported always */
    function swoole_get_objects()
    {
        throw new Unsupported('swoole_get_objects() looks into the engine, which only an extension can:'
            . ' use gc_status() and memory_get_usage()');
    }
}
if (!function_exists('swoole_get_vm_status')) {
    /** @throws Unsupported always */
    function swoole_get_vm_status(): array
    {
        throw new Unsupported('swoole_get_vm_status() looks into the engine, which only an extension can:'
            . ' use memory_get_usage() and count(get_resources())');
    }
}
if (!function_exists('swoole_get_object_by_handle')) {
    /** @throws Unsupported always */
    function swoole_get_object_by_handle(int $handle)
    {
        throw new Unsupported('swoole_get_object_by_handle() looks into the engine, which only an extension can:'
            . ' keep the object in an array');
    }
}
if (!function_exists('swoole_implicit_fn')) {
    /** @throws Unsupported always */
    function swoole_implicit_fn(string $fn, $args = null)
    {
        throw new Unsupported('swoole_implicit_fn() looks into the engine, which only an extension can:'
            . ' it is for the tests of the extension');
    }
}
if (!function_exists('swoole_tracer_leak_detect')) {
    /** @throws Unsupported always */
    function swoole_tracer_leak_detect(int $threshold = 64)
    {
        throw new Unsupported('swoole_tracer_leak_detect() looks into the engine, which only an extension can:'
            . ' an event gives all its memory back');
    }
}
if (!function_exists('swoole_tracer_prof_begin')) {
    /** @throws Unsupported always */
    function swoole_tracer_prof_begin(?array $options = null): bool
    {
        throw new Unsupported('swoole_tracer_prof_begin() looks into the engine, which only an extension can:'
            . ' use a profiler for PHP-FPM, such as excimer');
    }
}
if (!function_exists('swoole_tracer_prof_end')) {
    /** @throws Unsupported always */
    function swoole_tracer_prof_end(string $output_file): bool
    {
        throw new Unsupported('swoole_tracer_prof_end() looks into the engine, which only an extension can:'
            . ' use a profiler for PHP-FPM, such as excimer');
    }
}
