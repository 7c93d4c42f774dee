<?php

// Written by bundle.php from the files named below. Do not edit.

// compat/functions.php
namespace {
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Names;
use FpmBridge\Compat\Helpers;
use FpmBridge\Unsupported;
if (!\function_exists('swoole_version')) {
    function swoole_version(): string
    {
        return '6.2.1';
    }
}
if (!\function_exists('swoole_cpu_num')) {
    function swoole_cpu_num(): int
    {
        $text = (string) @\file_get_contents('/proc/cpuinfo');
        return \max(1, \preg_match_all('/^processor\s*:/m', $text));
    }
}
if (!\function_exists('swoole_last_error')) {
    function swoole_last_error(): int
    {
        return Loader::$lastError;
    }
}
if (!\function_exists('swoole_errno')) {
    function swoole_errno(): int
    {
        return \function_exists('posix_get_last_error') ? \posix_get_last_error() : 0;
    }
}
if (!\function_exists('swoole_clear_error')) {
    function swoole_clear_error(): void
    {
        Loader::$lastError = 0;
    }
}
if (!\function_exists('swoole_strerror')) {
    function swoole_strerror(int $errno, int $error_type = 0): string
    {
        if ($error_type !== 9 && $errno < 501) {
            return \function_exists('posix_strerror') ? \posix_strerror($errno) : "Unknown error $errno";
        }
        Names::all();
        foreach (\get_defined_constants() as $name => $value) {
            if ($value === $errno && \strncmp($name, 'SWOOLE_ERROR_', 13) === 0) {
                return \strtolower(\strtr(\substr($name, 13), '_', ' '));
            }
        }
        return 'Unknown error';
    }
}
if (!\function_exists('swoole_error_log')) {
    function swoole_error_log(int $level, string $msg): void
    {
        Helpers::log($level, $msg);
    }
}
if (!\function_exists('swoole_get_local_ip')) {
    function swoole_get_local_ip(int $family = 2): array
    {
        $found = [];
        foreach (\function_exists('net_get_interfaces') ? (\net_get_interfaces() ?: []) : [] as $name => $interface) {
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
if (!\function_exists('swoole_get_local_mac')) {
    function swoole_get_local_mac(): array
    {
        $found = [];
        foreach (\glob('/sys/class/net/*/address') ?: [] as $file) {
            $name = \basename(\dirname($file));
            if ($name !== 'lo') {
                $found[$name] = \strtoupper(\trim((string) @\file_get_contents($file)));
            }
        }
        return $found;
    }
}
if (!\function_exists('swoole_set_process_name')) {
    function swoole_set_process_name(string $process_name): bool
    {
        Helpers::log(0, 'a PHP-FPM child keeps its name, it serves other scripts, too');
        return true;
    }
}
if (!\function_exists('cli_set_process_title')) {
    function cli_set_process_title(string $title): bool
    {
        return swoole_set_process_name($title);
    }
}
if (!\function_exists('cli_get_process_title')) {
    function cli_get_process_title(): ?string
    {
        return '';
    }
}
if (!\function_exists('swoole_async_set')) {
    function swoole_async_set(array $settings): bool
    {
        return true;
    }
}
if (!\function_exists('swoole_error_log_ex')) {
    function swoole_error_log_ex(int $level, int $error, string $msg): void
    {
        if (!isset(Helpers::$ignored[$error])) {
            Helpers::log($level, "$msg (ERRNO $error)");
        }
    }
}
if (!\function_exists('swoole_ignore_error')) {
    function swoole_ignore_error(int $error): void
    {
        Helpers::$ignored[$error] = true;
    }
}
if (!\function_exists('swoole_clear_dns_cache')) {
    function swoole_clear_dns_cache(): void
    {
        return;
    }
}
if (!\function_exists('swoole_hashcode')) {
    function swoole_hashcode(string $data, int $type = 0)
    {
        return Helpers::hash($data, $type);
    }
}
if (!\function_exists('swoole_substr_unserialize')) {
    function swoole_substr_unserialize(string $str, int $offset, int $length = 0, array $options = [])
    {
        $part = Helpers::part($str, $offset, $length);
        return $part === null ? false : \unserialize($part, $options);
    }
}
if (!\function_exists('swoole_substr_json_decode')) {
    function swoole_substr_json_decode(
        string $str,
        int $offset,
        int $length = 0,
        bool $associative = false,
        int $depth = 512,
        int $flags = 0
    ) {
        $part = Helpers::part($str, $offset, $length);
        return $part === null ? false : \json_decode($part, $associative, $depth, $flags);
    }
}
if (!\function_exists('swoole_select')) {
    function swoole_select(?array &$read, ?array &$write, ?array &$except, ?float $timeout = 0.5)
    {
        return Helpers::select($read, $write, $except, $timeout);
    }
}
if (!\function_exists('swoole_client_select')) {
    function swoole_client_select(?array &$read, ?array &$write, ?array &$except, ?float $timeout = 0.5)
    {
        return Helpers::select($read, $write, $except, $timeout);
    }
}
if (!\function_exists('swoole_name_resolver_add')) {
    function swoole_name_resolver_add($ns): bool
    {
        \array_unshift(Helpers::$resolvers, $ns);
        return true;
    }
}
if (!\function_exists('swoole_name_resolver_remove')) {
    function swoole_name_resolver_remove($ns): bool
    {
        $key = \array_search($ns, Helpers::$resolvers, true);
        if ($key === false) {
            return false;
        }
        \array_splice(Helpers::$resolvers, $key, 1);
        return true;
    }
}
if (!\function_exists('swoole_name_resolver_lookup')) {
    function swoole_name_resolver_lookup(string $name, $ctx): string
    {
        foreach (Helpers::$resolvers as $resolver) {
            $address = $resolver->lookup($name);
            if ($address !== null && $address !== false && $address !== '') {
                return (string) $address;
            }
        }
        return \gethostbyname($name);
    }
}
if (!\function_exists('swoole_internal_call_user_shutdown_begin')) {
    function swoole_internal_call_user_shutdown_begin(): bool
    {
        return Loader::warn('swoole_internal_call_user_shutdown_begin', 'can not call this function in user level');
    }
}
if (!\function_exists('swoole_get_objects')) {
    function swoole_get_objects()
    {
        throw new Unsupported('swoole_get_objects() looks into the engine, which only an extension can:'
            . ' use gc_status() and memory_get_usage()');
    }
}
if (!\function_exists('swoole_get_vm_status')) {
    function swoole_get_vm_status(): array
    {
        throw new Unsupported('swoole_get_vm_status() looks into the engine, which only an extension can:'
            . ' use memory_get_usage() and count(get_resources())');
    }
}
if (!\function_exists('swoole_get_object_by_handle')) {
    function swoole_get_object_by_handle(int $handle)
    {
        throw new Unsupported('swoole_get_object_by_handle() looks into the engine, which only an extension can:'
            . ' keep the object in an array');
    }
}
if (!\function_exists('swoole_implicit_fn')) {
    function swoole_implicit_fn(string $fn, $args = null)
    {
        throw new Unsupported('swoole_implicit_fn() looks into the engine, which only an extension can:'
            . ' it is for the tests of the extension');
    }
}
if (!\function_exists('swoole_tracer_leak_detect')) {
    function swoole_tracer_leak_detect(int $threshold = 64)
    {
        throw new Unsupported('swoole_tracer_leak_detect() looks into the engine, which only an extension can:'
            . ' an event gives all its memory back');
    }
}
if (!\function_exists('swoole_tracer_prof_begin')) {
    function swoole_tracer_prof_begin(?array $options = null): bool
    {
        throw new Unsupported('swoole_tracer_prof_begin() looks into the engine, which only an extension can:'
            . ' use a profiler for PHP-FPM, such as excimer');
    }
}
if (!\function_exists('swoole_tracer_prof_end')) {
    function swoole_tracer_prof_end(string $output_file): bool
    {
        throw new Unsupported('swoole_tracer_prof_end() looks into the engine, which only an extension can:'
            . ' use a profiler for PHP-FPM, such as excimer');
    }
}
}

// compat/functions/mime.php
namespace {
use FpmBridge\Compat\MimeTypes;
if (!\function_exists('swoole_mime_type_add')) {
    function swoole_mime_type_add(string $suffix, string $mime_type): bool
    {
        return MimeTypes::add($suffix, $mime_type);
    }
}
if (!\function_exists('swoole_mime_type_set')) {
    function swoole_mime_type_set(string $suffix, string $mime_type): void
    {
        MimeTypes::set($suffix, $mime_type);
    }
}
if (!\function_exists('swoole_mime_type_delete')) {
    function swoole_mime_type_delete(string $suffix): bool
    {
        return MimeTypes::delete($suffix);
    }
}
if (!\function_exists('swoole_mime_type_get')) {
    function swoole_mime_type_get(string $filename): string
    {
        return MimeTypes::get($filename);
    }
}
if (!\function_exists('swoole_get_mime_type')) {
    function swoole_get_mime_type(string $filename): string
    {
        return MimeTypes::get($filename);
    }
}
if (!\function_exists('swoole_mime_type_exists')) {
    function swoole_mime_type_exists(string $filename): bool
    {
        return MimeTypes::exists($filename);
    }
}
if (!\function_exists('swoole_mime_type_list')) {
    function swoole_mime_type_list(): array
    {
        return MimeTypes::list();
    }
}
}

// compat/functions/loop.php
namespace {
use FpmBridge\Unsupported;
use Swoole\Coroutine;
use Swoole\Event;
use Swoole\Timer;
if (!\function_exists('swoole_timer_tick')) {
    function swoole_timer_tick(int $ms, callable $callback, ...$params)
    {
        return Timer::tick($ms, $callback, ...$params);
    }
}
if (!\function_exists('swoole_timer_after')) {
    function swoole_timer_after(int $ms, callable $callback, ...$params)
    {
        return Timer::after($ms, $callback, ...$params);
    }
}
if (!\function_exists('swoole_timer_clear')) {
    function swoole_timer_clear(?int $timer_id): bool
    {
        return Timer::clear($timer_id);
    }
}
if (!\function_exists('swoole_timer_clear_all')) {
    function swoole_timer_clear_all(): bool
    {
        return Timer::clearAll();
    }
}
if (!\function_exists('swoole_timer_exists')) {
    function swoole_timer_exists(?int $timer_id): bool
    {
        return Timer::exists($timer_id);
    }
}
if (!\function_exists('swoole_timer_info')) {
    function swoole_timer_info(?int $timer_id): ?array
    {
        return Timer::info($timer_id);
    }
}
if (!\function_exists('swoole_timer_list')) {
    function swoole_timer_list(): Timer\Iterator
    {
        return Timer::list();
    }
}
if (!\function_exists('swoole_timer_stats')) {
    function swoole_timer_stats(): array
    {
        return Timer::stats();
    }
}
if (!\function_exists('swoole_event_add')) {
    function swoole_event_add(
        $fd,
        ?callable $read_callback = null,
        ?callable $write_callback = null,
        int $events = 512
    ) {
        return Event::add($fd, $read_callback, $write_callback, $events);
    }
}
if (!\function_exists('swoole_event_set')) {
    function swoole_event_set(
        $fd,
        ?callable $read_callback = null,
        ?callable $write_callback = null,
        int $events = 0
    ): bool {
        return Event::set($fd, $read_callback, $write_callback, $events);
    }
}
if (!\function_exists('swoole_event_del')) {
    function swoole_event_del($fd): bool
    {
        return Event::del($fd);
    }
}
if (!\function_exists('swoole_event_isset')) {
    function swoole_event_isset($fd, int $events = 1536): bool
    {
        return Event::isset($fd, $events);
    }
}
if (!\function_exists('swoole_event_write')) {
    function swoole_event_write($fd, string $data): bool
    {
        return Event::write($fd, $data);
    }
}
if (!\function_exists('swoole_event_defer')) {
    function swoole_event_defer(callable $callback): bool
    {
        return Event::defer($callback);
    }
}
if (!\function_exists('swoole_event_cycle')) {
    function swoole_event_cycle(?callable $callback, bool $before = false): bool
    {
        return Event::cycle($callback, $before);
    }
}
if (!\function_exists('swoole_event_dispatch')) {
    function swoole_event_dispatch(): bool
    {
        return Event::dispatch();
    }
}
if (!\function_exists('swoole_event_exit')) {
    function swoole_event_exit(): void
    {
        Event::exit();
    }
}
if (!\function_exists('swoole_event_wait')) {
    function swoole_event_wait(): void
    {
        Event::wait();
    }
}
if (!\function_exists('swoole_event_rshutdown')) {
    function swoole_event_rshutdown(): void
    {
        Event::rshutdown();
    }
}
if (!\function_exists('swoole_coroutine_create')) {
    function swoole_coroutine_create(callable $func, ...$params)
    {
        return Coroutine::create($func, ...$params);
    }
}
if (!\function_exists('swoole_coroutine_defer')) {
    function swoole_coroutine_defer(callable $callback): void
    {
        Coroutine::defer($callback);
    }
}
if (!\function_exists('go')) {
    function go(callable $func, ...$params)
    {
        return Coroutine::create($func, ...$params);
    }
}
if (!\function_exists('defer')) {
    function defer(callable $callback): void
    {
        Coroutine::defer($callback);
    }
}
if (!\function_exists('swoole_async_dns_lookup_coro')) {
    function swoole_async_dns_lookup_coro(string $domain_name, float $timeout = 60, int $type = 2)
    {
        return Coroutine::dnsLookup($domain_name, $timeout, $type);
    }
}
if (!\function_exists('swoole_test_kernel_coroutine')) {
    function swoole_test_kernel_coroutine(int $count = 100, float $sleep_time = 1.0): void
    {
        for ($i = 0; $i < $count; $i++) {
            Coroutine::create([Coroutine::class, 'sleep'], $sleep_time);
        }
    }
}
if (!\function_exists('swoole_coroutine_socketpair')) {
    function swoole_coroutine_socketpair(int $domain, int $type, int $protocol)
    {
        throw new Unsupported('swoole_coroutine_socketpair() needs the sockets of the extension: use a'
            . ' Swoole\Coroutine\Channel between coroutines');
    }
}
if (!\function_exists('swoole_async_readfile')) {
    function swoole_async_readfile(string $filename, callable $callback): bool
    {
        return swoole_async_read($filename, $callback, -1);
    }
}
if (!\function_exists('swoole_async_writefile')) {
    function swoole_async_writefile(string $filename, string $content, ?callable $callback = null, int $flags = 0): bool
    {
        return \file_put_contents($filename, $content, $flags) !== false
            && ($callback === null || Event::defer(static function () use ($callback, $filename): void {
                $callback($filename);
            }));
    }
}
if (!\function_exists('swoole_async_read')) {
    function swoole_async_read(string $filename, callable $callback, int $chunk_size = 8192, int $offset = 0): bool
    {
        $content = \file_get_contents($filename, false, null, $offset);
        return $content !== false && Event::defer(static function () use ($callback, $filename, $content, $chunk_size) {
            $pieces = $chunk_size < 1 ? [$content] : \array_merge(\str_split($content, $chunk_size), ['']);
            foreach ($pieces as $piece) {
                if ($callback($filename, $piece) === false) {
                    return;
                }
            }
        });
    }
}
if (!\function_exists('swoole_async_write')) {
    function swoole_async_write(string $filename, string $content, int $offset = -1, ?callable $callback = null): bool
    {
        $file = \fopen($filename, $offset < 0 ? 'ab' : 'cb');
        if ($file === false || $offset > 0 && \fseek($file, $offset) !== 0 || \fwrite($file, $content) === false) {
            return false;
        }
        \fclose($file);
        return $callback === null || Event::defer(static function () use ($callback, $filename, $content): void {
            $callback($filename, \strlen($content));
        });
    }
}
if (!\function_exists('swoole_async_dns_lookup')) {
    function swoole_async_dns_lookup(string $hostname, callable $callback): bool
    {
        return Event::defer(static function () use ($callback, $hostname): void {
            $address = \gethostbyname($hostname);
            $callback($hostname, \filter_var($address, \FILTER_VALIDATE_IP) === false ? '' : $address);
        });
    }
}
}

// compat/functions/library.php
namespace {
use FpmBridge\Compat\Helpers;
use FpmBridge\Unsupported;
use Swoole\ArrayObject;
use Swoole\Coroutine\System;
use Swoole\MultibyteStringObject;
use Swoole\StringObject;
use Swoole\Table;
if (!\function_exists('swoole_exec')) {
    function swoole_exec(string $command, &$output = null, &$returnVar = null)
    {
        $result = System::exec($command);
        if ($result === false) {
            return false;
        }
        $lines = $result['output'] === '' ? [] : \explode("\n", \rtrim($result['output'], "\n"));
        $output = \array_merge((array) $output, \array_map('rtrim', $lines));
        $returnVar = $result['code'];
        return $output === [] ? '' : \end($output);
    }
}
if (!\function_exists('swoole_shell_exec')) {
    function swoole_shell_exec(string $cmd)
    {
        $result = System::exec($cmd);
        return $result === false || $result['output'] === '' ? null : $result['output'];
    }
}
if (!\function_exists('swoole_string')) {
    function swoole_string(string $string = ''): StringObject
    {
        return new StringObject($string);
    }
}
if (!\function_exists('swoole_mbstring')) {
    function swoole_mbstring(string $string = ''): MultibyteStringObject
    {
        return new MultibyteStringObject($string);
    }
}
if (!\function_exists('_string')) {
    function _string(string $string = ''): StringObject
    {
        return new StringObject($string);
    }
}
if (!\function_exists('_array')) {
    function _array(array $array = []): ArrayObject
    {
        return new ArrayObject($array);
    }
}
if (!\function_exists('swoole_array')) {
    function swoole_array(array $array = []): ArrayObject
    {
        return new ArrayObject($array);
    }
}
if (!\function_exists('swoole_array_list')) {
    function swoole_array_list(...$arrray): ArrayObject
    {
        return new ArrayObject($arrray);
    }
}
if (!\function_exists('swoole_array_default_value')) {
    function swoole_array_default_value(array $array, $key, $default_value = null)
    {
        return \array_key_exists($key, $array) ? $array[$key] : $default_value;
    }
}
if (!\function_exists('swoole_table')) {
    function swoole_table(int $size, string $fields): Table
    {
        return Helpers::table($size, $fields);
    }
}
if (!\function_exists('swoole_is_in_container')) {
    function swoole_is_in_container(): bool
    {
        $mounts = (string) @\file_get_contents('/proc/self/mountinfo');
        return \strpos($mounts, 'kubepods') !== false || \strpos($mounts, 'docker') !== false;
    }
}
if (!\function_exists('swoole_container_cpu_num')) {
    function swoole_container_cpu_num(): int
    {
        return Helpers::containerCpus();
    }
}
if (!\function_exists('swoole_library_set_options')) {
    function swoole_library_set_options(array $options): void
    {
        Helpers::$options = $options;
    }
}
if (!\function_exists('swoole_library_get_options')) {
    function swoole_library_get_options(): array
    {
        return Helpers::$options;
    }
}
if (!\function_exists('swoole_library_set_option')) {
    function swoole_library_set_option(string $key, $value): void
    {
        Helpers::$options[$key] = $value;
    }
}
if (!\function_exists('swoole_library_get_option')) {
    function swoole_library_get_option(string $key)
    {
        return Helpers::$options[$key] ?? null;
    }
}
if (!\function_exists('swoole_init_default_remote_object_server')) {
    function swoole_init_default_remote_object_server(): void
    {
        throw new Unsupported('swoole_init_default_remote_object_server() starts a server process, which PHP-FPM does'
            . ' not have: call the objects directly');
    }
}
}

// compat/functions/coroutine.php
namespace Swoole\Coroutine {
use Swoole\Coroutine;
if (!\function_exists('Swoole\\Coroutine\\run')) {
    function run(callable $fn, ...$args): bool
    {
        return Coroutine::run($fn, ...$args);
    }
}
if (!\function_exists('Swoole\\Coroutine\\go')) {
    function go(callable $fn, ...$args)
    {
        return Coroutine::create($fn, ...$args);
    }
}
if (!\function_exists('Swoole\\Coroutine\\defer')) {
    function defer(callable $fn): void
    {
        Coroutine::defer($fn);
    }
}
if (!\function_exists('Swoole\\Coroutine\\batch')) {
    function batch(array $tasks, float $timeout = -1): array
    {
        $group = new WaitGroup(\count($tasks));
        $results = \array_fill_keys(\array_keys($tasks), null);
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
if (!\function_exists('Swoole\\Coroutine\\parallel')) {
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
if (!\function_exists('Swoole\\Coroutine\\map')) {
    function map(array $list, callable $fn, float $timeout = -1): array
    {
        $tasks = [];
        foreach ($list as $id => $value) {
            $tasks[$id] = static fn() => $fn($value, $id);
        }
        return batch($tasks, $timeout);
    }
}
if (!\function_exists('Swoole\\Coroutine\\deadlock_check')) {
    function deadlock_check(): void
    {
        $count = Coroutine::stats()['coroutine_num'];
        if ($count > 0) {
            echo "[FATAL ERROR]: all coroutines (count: $count) are asleep - deadlock!\n";
            foreach (Coroutine::list() as $cid) {
                echo "[Coroutine-$cid]\n";
                Coroutine::printBackTrace($cid, \DEBUG_BACKTRACE_IGNORE_ARGS, 32);
            }
        }
    }
}
}

// compat/functions/co.php
namespace Co {
use Swoole\Coroutine;
if (!\function_exists('Co\\run')) {
    function run(callable $fn, ...$args): bool
    {
        return Coroutine::run($fn, ...$args);
    }
}
if (!\function_exists('Co\\go')) {
    function go(callable $fn, ...$args)
    {
        return Coroutine::create($fn, ...$args);
    }
}
if (!\function_exists('Co\\defer')) {
    function defer(callable $fn): void
    {
        Coroutine::defer($fn);
    }
}
if (!\function_exists('Co\\batch')) {
    function batch(array $tasks, float $timeout = -1): array
    {
        return Coroutine\batch($tasks, $timeout);
    }
}
if (!\function_exists('Co\\parallel')) {
    function parallel(int $n, callable $fn): void
    {
        Coroutine\parallel($n, $fn);
    }
}
if (!\function_exists('Co\\map')) {
    function map(array $list, callable $fn, float $timeout = -1): array
    {
        return Coroutine\map($list, $fn, $timeout);
    }
}
}

// compat/Standard.php
namespace FpmBridge\Compat {
use FpmBridge\Runtime;
final class Standard
{
    private const SCHEME = 'fpmbridge-standard';
    public $context;
    public static function define(): void
    {
        \stream_wrapper_register(self::SCHEME, self::class);
        \define('STDIN', \fopen('php://memory', 'r'));
        \define('STDOUT', \fopen(self::SCHEME . '://out', 'w'));
        \define('STDERR', \fopen(self::SCHEME . '://err', 'w'));
    }
    public function stream_open(string $path, string $mode, int $options, ?string &$opened): bool
    {
        return true;
    }
    public function stream_write(string $data): int
    {
        $run = Runtime::current();
        if ($run !== null) {
            $run->log()->text($data);
        }
        return \strlen($data);
    }
    public function stream_read(int $count): string
    {
        return '';
    }
    public function stream_eof(): bool
    {
        return true;
    }
    public function stream_flush(): bool
    {
        return true;
    }
    public function stream_cast(int $as): bool
    {
        return false;
    }
    public function stream_stat(): array
    {
        return [];
    }
    public function stream_set_option(int $option, int $first, ?int $second): bool
    {
        return false;
    }
}
}
