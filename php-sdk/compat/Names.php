<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * Makes Swoole's constants, functions and class aliases known. All of them cost as much per request as the rest of the
 * SDK, so a script that is one file gets those that it names, once its text was read and the answer is kept in APCu.
 *
 * One file means: its text has none of the words below, which could bring in other code, or ask for something by a name
 * that is put together. Everything else, and a host without APCu, gets all.
 */
final class Names
{
    /** Aliases of a class are registered when it is loaded: type hints and instanceof ask no autoloader. */
    public static bool $aliases = true;

    private const ELSEWHERE = '/include|require|autoload|eval|constant|defined|_exists|serialize'
        . '|create_function/i';

    private const CONSTANTS = '/\b(?:SWOOLE|WEBSOCKET)_\w+/';

    /** Function names, and class names of Swoole 1 to 4 and of OpenSwoole, and all that coroutines bring. */
    private const OTHERS = '/swoole_[a-z]|openswoole|coroutine|\bco\b|\bgo\s*\(|\bdefer\s*\(|\bchan\b/i';

    /** opcache may still run what the file was before: this long after a change everything is defined, in seconds. */
    private const SETTLED = 5;

    private const KEY = 'fpmbridge:names:';

    public static function all(): void
    {
        if (!defined('SWOOLE_VERSION')) {
            @include dirname(__DIR__) . '/compat/constants.php';
        }
        require_once dirname(__DIR__) . '/bundle/functions.php';
        self::$aliases = true;
    }

    /**
     * @param string $script an absolute path
     */
    public static function ofScript(string $script): void
    {
        if (!function_exists('apcu_fetch')) {
            self::all();
            return;
        }
        // As opcache sees it: through PHP's own cache of real paths.
        $file = (string) realpath($script);
        $changed = @filectime($file);
        $kept = apcu_fetch(self::KEY . $file);
        if (is_array($kept) && $kept[0] === $changed && $kept[1] !== null) {
            self::$aliases = false;
            foreach ($kept[1] as $name => $value) {
                defined($name) || define($name, $value);
            }
            return;
        }
        self::all();
        if (!is_array($kept) || $kept[0] !== $changed) {
            if ($changed !== false && $changed < time() - self::SETTLED && self::isStable()) {
                apcu_store(self::KEY . $file, [$changed, self::named((string) @file_get_contents($file))]);
            }
        }
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
     * Whether what PHP runs is what the file says, and nothing runs beside it.
     */
    private static function isStable(): bool
    {
        $watched = !ini_get('opcache.enable')
            || (ini_get('opcache.validate_timestamps') && (int) ini_get('opcache.revalidate_freq') < self::SETTLED);
        return $watched && (string) ini_get('auto_prepend_file') === '' && (string) ini_get('auto_append_file') === '';
    }
}
