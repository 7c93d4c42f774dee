<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Log;
use ReflectionException;
use ReflectionMethod;
use Swoole\Constant;

/**
 * What is said once, when a script is described: misspelt names, settings that do nothing here. Not loaded for
 * events. What the code does that request mode cannot carry: FpmBridge\Analysis.
 */
final class Boot
{
    /** Settings beside those of Swoole\Constant that are no mistakes: of older versions and of OpenSwoole. */
    private const OLD = [
        'task_async', 'ssl_method', 'pipe_buffer_size', 'open_http_protocol', 'enable_server_token', 'reactor_type',
        'http_gzip_level', 'heartbeat_ping_timeout', 'heartbeat_ping_interval', 'tcp_fastopen', 'max_thread_num',
    ];

    /** Settings of Constant that a server does not know (libraries' and clients'). */
    private const NOT_OF_SERVERS = [
        'websocket_mask', 'bind_port', 'bind_address', 'socks5_host', 'socks5_port', 'socks5_username',
        'socks5_password', 'http_proxy_host', 'http_proxy_port', 'http_proxy_username', 'http_proxy_user',
        'http_proxy_password', 'connect_timeout', 'timeout', 'max_retries', 'defer', 'lowercase_header', 'keep_alive',
        'body_decompression', 'write_func', 'read_timeout', 'write_timeout',
    ];

    /** What scripts set about the server's own process, and what is not carried out. */
    private const NOTES = [
        'daemonize' => 'the bridge stays in the foreground: let a service manager run it',
        'user' => 'PHP runs as the user of the PHP-FPM pool',
        'group' => 'PHP runs as the group of the PHP-FPM pool',
        'chroot' => 'PHP runs where the PHP-FPM pool says',
    ];

    private const MAX_DISTANCE = 3;

    /** No machine has work for more; a number that is larger is a mistake. */
    private const MAX_WORKERS = 10000;

    /**
     * @param array<string, mixed> $settings the server's
     * @return list<string>
     */
    public static function notes(array $settings, State $state): array
    {
        $notes = [];
        foreach (self::unsupported($settings) as $option) {
            $meant = self::nearest($option, self::options());
            $notes[] = "unsupported option [$option]" . ($meant === null ? '' : ": did you mean $meant?")
                . self::at($state, $option);
        }
        foreach (self::NOTES as $option => $text) {
            if (!empty($settings[$option])) {
                $notes[] = "$option: $text" . self::at($state, $option);
            }
        }
        foreach (['worker_num', 'task_worker_num'] as $option) {
            if (($settings[$option] ?? 0) < 0) {
                $notes[] = "$option: $settings[$option] is no number of workers, the default is used"
                    . self::at($state, $option);
            }
        }
        return array_merge($notes, Placement::notes($settings, $state), PoolNotes::of($settings));
    }

    /**
     * The settings as they are sent: the rules of url_rewrite_rules as pairs, for an object of JSON has no order.
     *
     * @param array<string, mixed> $settings
     * @return array<string, mixed>
     */
    public static function sent(array $settings): array
    {
        if (is_array($settings['url_rewrite_rules'] ?? null)) {
            $rules = [];
            foreach ($settings['url_rewrite_rules'] as $pattern => $path) {
                $rules[] = [(string) $pattern, $path];
            }
            $settings['url_rewrite_rules'] = $rules;
        }
        return $settings;
    }

    /**
     * A server's or a port's set() was called: remembers where, and says what is wrong with it.
     *
     * @param array<string, mixed> $settings
     * @param int $port 0: the server's
     */
    public static function said(State $state, array $settings, int $port): void
    {
        $here = self::here();
        foreach ($settings as $option => $value) {
            $state->places[$port][(string) $option] = $here;
        }
        foreach (['worker_num', 'task_worker_num'] as $option) {
            $n = $port === 0 ? (int) ($settings[$option] ?? 0) : 0;
            if ($n > self::MAX_WORKERS) {
                $state->run->abort("Swoole\\Server::set(): $option: $n: want at most " . self::MAX_WORKERS);
            }
        }
        foreach (self::unsupported($settings) as $option) {
            if ($port === 0) {
                trigger_error("unsupported option [$option]", E_USER_WARNING);
            } else {
                $meant = self::nearest($option, self::options());
                $state->warnings[] = "unsupported option [$option]" . ($meant === null ? '' : ": did you mean $meant?")
                    . self::at($state, $option, $port);
            }
        }
    }

    /**
     * Arguments of the server that have other names than Swoole's.
     *
     * @param array<int|string, mixed> $named
     * @param int $type what it is without them
     * @throws \Error for a name that OpenSwoole does not have either
     */
    public static function socketType(array $named, int $type): int
    {
        foreach ($named as $name => $value) {
            if (is_string($name) && $name !== 'sockType') {
                throw new \Error("Unknown named parameter \$$name");
            }
            $type = $name === 'sockType' ? (int) $value : $type;
        }
        return $type;
    }

    /**
     * Where the script asked for a setting, to be put behind a sentence: ` (FILE:LINE)`, or nothing.
     */
    public static function at(State $state, string $option, int $port = 0): string
    {
        $place = $state->places[$port][$option] ?? '';
        return $place === '' ? '' : " ($place)";
    }

    /**
     * Where the script is that called the SDK, as FILE:LINE; empty if that is not known.
     */
    public static function here(): string
    {
        [$file, $line] = Log::caller(debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS), '', 0);
        return $file === '' ? '' : "$file:$line";
    }

    /**
     * An event that nobody knows.
     *
     * @param list<string> $events in lower case
     */
    public static function unknownEvent(State $state, string $event, array $events): void
    {
        $meant = self::nearest(strtolower($event), $events);
        $state->warnings[] = "unknown event types[$event]" . ($meant === null ? '' : ": did you mean $meant?")
            . ' (' . self::here() . ')';
    }

    /**
     * What the script's files name that is not there, or that a resident worker cannot do, where it is served so.
     *
     * @return list<string>
     */
    public static function ofScript(State $state): array
    {
        $notes = Absent::notes();
        if (!$state->run->environment->resident() || !isset($state->callbacks['request'])) {
            return $notes;
        }
        foreach (get_included_files() as $file) {
            $foreign = Log::isSdk($file) || strpos($file, '/vendor/') !== false;
            $text = $foreign || !is_file($file) ? '' : (string) file_get_contents($file);
            if (preg_match('/\b(?:move|is)_uploaded_file\s*\(/i', $text, $found, PREG_OFFSET_CAPTURE) === 1) {
                [$call, $offset] = $found[0];
                $line = substr_count($text, "\n", 0, $offset) + 1;
                $notes[] = rtrim($call, '( ') . "() in $file:$line is always false in a resident worker, where PHP"
                    . ' itself took no form apart: use rename() or copy() with tmp_name';
            }
        }
        return $notes;
    }

    /**
     * Settings that Swoole would warn of.
     *
     * @param array<string, mixed> $settings
     * @return list<string>
     */
    public static function unsupported(array $settings): array
    {
        $unknown = array_diff(array_map('strval', array_keys($settings)), self::options(), self::OLD);
        return array_values($unknown);
    }

    /**
     * The name that was probably meant.
     *
     * @param list<string> $names
     */
    public static function nearest(string $word, array $names): ?string
    {
        $best = null;
        $least = min(self::MAX_DISTANCE, intdiv(strlen($word), 2)) + 1;
        foreach ($names as $name) {
            $distance = levenshtein(strtolower($word), strtolower($name));
            if (strncasecmp($word, 'on', 2) === 0) {
                $distance = min($distance, levenshtein(strtolower(substr($word, 2)), strtolower($name)));
            }
            if ($distance < $least) {
                $least = $distance;
                $best = $name;
            }
        }
        return $best;
    }

    /**
     * A callback that only the script's own class may call: the extension may, too.
     *
     * @param mixed $callback
     */
    public static function closure($callback): ?callable
    {
        if (is_array($callback) && isset($callback[0], $callback[1]) && is_string($callback[1])) {
            try {
                $method = new ReflectionMethod($callback[0], $callback[1]);
            } catch (ReflectionException $missing) {
                return null;
            }
            if ($method->isStatic() || is_object($callback[0])) {
                if (PHP_VERSION_ID < 80100) {
                    $method->setAccessible(true);
                }
                return $method->getClosure(is_object($callback[0]) ? $callback[0] : null);
            }
        }
        return null;
    }

    /**
     * @return list<string>
     */
    private static function options(): array
    {
        $options = [];
        foreach ((new \ReflectionClass(Constant::class))->getConstants() as $name => $value) {
            if (strncmp($name, 'OPTION_', 7) === 0) {
                $options[] = $value;
            }
        }
        return array_values(array_diff($options, self::NOT_OF_SERVERS));
    }
}
