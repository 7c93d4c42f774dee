<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\CommandLine;
use FpmBridge\Runtime;
use FpmBridge\Wire;

/**
 * Makes Swoole's constants, functions and class aliases known. All of them cost as much per request as the rest of the
 * SDK, and so do superglobals (Superglobals), so a script that is one file gets those that it names. Its text is read
 * once, when it is described: the answer is the description's key, which the bridge sends back with each request
 * (docs/protocol.md section 6).
 *
 * One file means: its text has none of the words below, which could bring in other code, or ask for something by a name
 * that is put together. Everything else gets all.
 *
 * A key is the file's stamp, a space and what it needs as JSON (`[]`: nothing). While the file may still change without
 * a new stamp it is `later` and the unix time from when on it is worth asking again.
 */
final class Names
{
    /** Aliases of a class are registered when it is loaded: type hints and instanceof ask no autoloader. */
    public static bool $aliases = true;

    /** @var array<string, mixed>|null what the key says; null: nothing that fits */
    private static ?array $needs = null;

    private const ELSEWHERE = '/include|require|autoload|eval|constant|defined|_exists|serialize'
        . '|create_function/i';

    private const CONSTANTS = '/\b(?:(?:SWOOLE|WEBSOCKET)_|SIG[A-Z_])\w+/';

    /** Function names, and class names of Swoole 1 to 4 and of OpenSwoole, all that coroutines bring, and STDERR. */
    private const OTHERS = '/swoole_[a-z]|cli_[gs]et_process|openswoole|coroutine'
        . '|\bco\b|\bgo\s*\(|\bdefer\s*\(|\bchan\b|\b_(?:string|array)\s*\(|\bFILE_LOCK\b'
        . '|\bSTD(?:IN|OUT|ERR)\b/i';

    /** What could read $_SERVER or $_ENV, or the $argv and $argc that are made of them. */
    private const SUPERGLOBALS = '/_SERVER|_ENV|GLOBALS|arg[vc]|getopt|INPUT_|phpinfo|get_browser|get_defined_vars'
        . '|extract|compact|\$\s*[{$]/i';

    /** What could see the properties of the server that are made for those who ask: see Server::start(). */
    private const PROPERTIES = '/pid|connections|ports|print_r|var_|dump|object_vars|foreach\s*\(\s*\$(this|serv)'
        . '|->\s*[{$]|\(\s*array\s*\)|json_encode\(\s*\$(this|serv)|Reflection|clone|extends/i';

    /** What a script says that may look at a file with a process id, itself or in what it includes. */
    private const PID_FILES = '/pid|arg[vc]|getopt/i';

    /** Without a file's stamp there is nothing to remember. In seconds. */
    private const ASK_AGAIN = 60;

    /**
     * Makes known what the run's script needs, and gives its path.
     */
    public static function prepare(Runtime $run): string
    {
        $environment = $run->environment;
        $script = $environment->script;
        $key = $environment->key;
        if ($key !== '' && $key === self::stamp($script) . ' []') { // the cheapest script: no more questions
            self::$aliases = false;
            $run->lean = true;
            $run->superglobals = false;
        } else {
            $run->enter(self::ofScript($run), [self::class, 'key']);
            self::around($run, $script);
        }
        chdir(dirname($script));
        return $script;
    }

    /**
     * What is between the script and its files until it calls start().
     *
     * @param bool $included entry.php includes it
     */
    public static function around(Runtime $run, string $script, bool $included = true): void
    {
        $text = self::$needs === null ? (string) @file_get_contents($script) : '';
        if (isset(self::$needs['pids']) || $text !== '' && preg_match(self::PID_FILES, $text) === 1) {
            PidFiles::hide($run);
        }
        if ($included && (isset(self::$needs['shebang']) || strncmp($text, '#!', 2) === 0)) {
            Shebang::skip($script);
        }
    }

    /**
     * A process of the command line's is about to run its script.
     */
    public static function onCommandLine(): void
    {
        $run = Runtime::current();
        if ($run !== null && $run->environment instanceof CommandLine) {
            self::around($run, $run->environment->script, false);
        }
    }

    public static function all(): void
    {
        if (!defined('SWOOLE_VERSION')) {
            @include dirname(__DIR__) . '/compat/constants.php';
            defined('SIGTERM') || @include dirname(__DIR__) . '/compat/pcntl.php';
        }
        require_once dirname(__DIR__) . '/bundle/functions.php';
        if (!defined('STDERR')) {
            Standard::define();
        }
        self::$aliases = true;
        Loader::aliases();
    }

    /**
     * @return bool whether the script may read superglobals
     */
    public static function ofScript(Runtime $run): bool
    {
        $environment = $run->environment;
        $key = $environment->key;
        if ($key !== '') {
            $stamp = self::stamp($environment->script);
            if (strncmp($key, "$stamp ", strlen($stamp) + 1) === 0) {
                $needs = json_decode(substr($key, strlen($stamp) + 1), true);
                self::$needs = $needs;
                if (!isset($needs['all'])) {
                    self::$aliases = false;
                    $run->lean = !isset($needs['properties']);
                    foreach ($needs['constants'] ?? [] as $name => $value) {
                        defined($name) || define($name, $value);
                    }
                    return isset($needs['superglobals']);
                }
            } elseif (strncmp($key, 'later ', 6) !== 0 || (int) substr($key, 6) < time()) {
                $run->outdated = true;
            }
        }
        self::all();
        return true;
    }

    /**
     * The key of a script, to be asked for when it has run: opcache names the files that it really runs.
     *
     * @param string $script an absolute path
     * @param bool $resident its events go to workers that stay, and the rest to requests that look like them
     */
    public static function key(string $script, bool $resident = false): string
    {
        $file = (string) realpath($script);
        clearstatcache(true, $file);
        $changed = (int) @filectime($file);
        $stamp = self::stamp($script);
        if ($changed === 0 || !in_array($file, get_included_files(), true)) {
            return 'later ' . (time() + self::ASK_AGAIN);
        }
        $from = self::settled($file, $changed);
        if ($from > time()) {
            return "later $from";
        }
        $text = (string) @file_get_contents($file);
        $needs = strncmp($text, '#!', 2) === 0 ? ['shebang' => true] : [];
        if (class_exists(PidFiles::class, false) && PidFiles::$looked) {
            $needs['pids'] = true;
        }
        $around = (string) ini_get('auto_prepend_file') . ini_get('auto_append_file');
        $constants = $around === '' ? self::named($text) : null;
        if ($constants === null) {
            return "$stamp " . Wire::json(['all' => true] + $needs);
        }
        $needs += $constants === [] ? [] : ['constants' => $constants];
        if (preg_match(self::SUPERGLOBALS, $text) !== 0) {
            $needs['superglobals'] = true;
        } else {
            self::forgetSuperglobals();
        }
        if ($resident || preg_match(self::PROPERTIES, $text) !== 0) {
            $needs['properties'] = true;
        }
        return "$stamp " . Wire::json($needs);
    }

    /**
     * The constants that a script names; null: it needs all constants, functions and aliases.
     *
     * @return array<string, mixed>|null
     */
    public static function named(string $text): ?array
    {
        preg_match_all(self::CONSTANTS, $text, $found);
        $values = [];
        foreach ($found[0] as $name) {
            if (defined($name)) {
                $values[$name] = constant($name);
            }
        }
        $rest = strtr($text, array_fill_keys(array_keys($values), ''));
        return $text === '' || preg_match(self::ELSEWHERE, $text) !== 0 || preg_match(self::OTHERS, $rest) !== 0
            ? null
            : $values;
    }

    /**
     * opcache remembers which superglobals were there when it compiled a file, and makes them whenever it is included,
     * 18,000 instructions each time. A describe has all, so what was included after them is compiled again.
     */
    private static function forgetSuperglobals(): void
    {
        if (!function_exists('opcache_invalidate')) {
            return;
        }
        $before = [];
        foreach (['entry.php', 'bundle/core.php', 'bundle/typed.php'] as $file) {
            $before[] = dirname(__DIR__) . "/$file";
        }
        foreach (array_diff(get_included_files(), $before) as $file) {
            @opcache_invalidate($file, true);
        }
    }

    /**
     * What changes with every change of the file. Through PHP's cache of real paths, as opcache sees it.
     */
    private static function stamp(string $script): string
    {
        $file = realpath($script);
        $changed = $file === false ? false : @filectime($file);
        return $changed === false ? '.' : $changed . '.' . fileinode($file);
    }

    /**
     * From when on PHP runs what the file says, and any change of it shows in its stamp.
     *
     * @param int $changed the file's ctime
     * @return int unix time
     */
    private static function settled(string $file, int $changed): int
    {
        $now = time();
        if (!function_exists('opcache_get_status') || !ini_get('opcache.enable')) {
            return $changed + 1;
        }
        if (!ini_get('opcache.validate_timestamps')) {
            // What opcache read since it started is what the file has been since then.
            $status = @opcache_get_status(false);
            $statistics = is_array($status) ? $status['opcache_statistics'] : [];
            $started = max($statistics['start_time'] ?? 0, $statistics['last_restart_time'] ?? 0);
            return $changed < $started ? $now : $now + self::ASK_AGAIN;
        }
        $seen = $changed + 2 + (int) ini_get('opcache.revalidate_freq');
        // A file of just now: opcache is told, and need not find out by itself.
        return $seen < $now || @opcache_invalidate($file, true) ? $changed + 1 : $seen + 1;
    }
}
