<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Log;
use FpmBridge\Runtime;

/**
 * Swoole's classes that are not there, and what to use instead. Loaded when a script is described, and when it asks
 * for a class that nobody has.
 */
final class Absent
{
    private const LOOP = 'takes connections in a loop of its own, which PHP-FPM has no place for: register callbacks'
        . ' with ';

    /** In lower case, below `Swoole\`; beginnings. */
    private const INSTEAD = [
        'coroutine\http\server' => self::LOOP . 'Swoole\WebSocket\Server or Swoole\Http\Server',
        'coroutine\server' => self::LOOP . 'Swoole\Server (onReceive)',
        'coroutine\http\client' => 'use PHP\'s curl',
        'coroutine\http2\client' => 'use PHP\'s curl',
        'coroutine\redis' => 'use PHP\'s redis extension, or predis',
        'coroutine\mysql' => 'use PDO or mysqli',
        'coroutine\postgresql' => 'use PDO or pgsql',
        'coroutine\client' => 'use PHP\'s streams',
        'coroutine\socket' => 'use PHP\'s streams',
        'coroutine\fastcgi' => 'use a FastCGI library over streams',
        'coroutine\curl' => 'use PHP\'s curl',
        'http\client' => 'use PHP\'s curl',
        'redis\server' => 'use Swoole\Server and take the protocol apart in onReceive',
        'mqtt' => 'use Swoole\Server and take the protocol apart in onReceive',
        'client' => 'use PHP\'s streams',
        'redis' => 'use PHP\'s redis extension, or predis',
        'mysql' => 'use PDO or mysqli',
        'async' => 'use PHP\'s own functions',
        'buffer' => 'use a string',
        'mmap' => 'use a Swoole\Table, or APCu',
        'msgqueue' => 'use Swoole\'s tasks, or a Redis list',
        'serialize' => 'use serialize()',
        'thread' => 'use tasks: PHP-FPM has processes, no threads',
    ];

    /** How scripts name them. */
    private const NAMED = '/\b(?:(?:open)?swoole\\\\|swoole_|co\\\\)((?:coroutine\\\\)?'
        . '(?:http\\\\server|server(?=\s*\()|http2?[\\\\_]client|redis[\\\\_]server|redis|mysql|postgresql|client'
        . '|socket|async|buffer|mmap|msgqueue|thread)|async|mmap)\b(?!_\w)/i';

    /**
     * Those that the script's files name, by file and line.
     *
     * @return list<string>
     */
    public static function notes(): array
    {
        $notes = [];
        foreach (get_included_files() as $file) {
            if (Log::isSdk($file) || strpos($file, '/vendor/') !== false) {
                continue;
            }
            foreach (explode("\n", is_file($file) ? (string) file_get_contents($file) : '') as $n => $line) {
                $code = ltrim($line);
                if ($code === '' || $code[0] === '*' || $code[0] === '#' || strncmp($code, '//', 2) === 0) {
                    continue;
                }
                if (preg_match(self::NAMED, $code, $found) !== 1) {
                    continue;
                }
                $class = self::below($found[0]);
                $instead = self::instead($class);
                if ($instead !== null && !isset($notes[$class])) {
                    $notes[$class] = "$found[0] in $file:" . ($n + 1) . " is not there: $instead";
                }
            }
        }
        return array_values($notes);
    }

    /**
     * The script asks for a class that nobody has.
     *
     * @param string $name in lower case
     */
    public static function asked(string $name): void
    {
        $run = Runtime::current();
        $instead = self::instead(self::below($name));
        if ($run !== null && $instead !== null) {
            [$file, $line] = Log::caller(debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS), '', 0);
            $level = $run->isDescribing() ? Log::WARN : Log::DEBUG;
            $run->log()->add($level, "$name is not there: $instead", $file, $line);
        }
    }

    private static function below(string $name): string
    {
        $name = strtolower($name);
        if (strncmp($name, 'co\\', 3) === 0) {
            return 'coroutine' . substr($name, 2);
        }
        $name = (string) preg_replace('/^(?:open)?swoole[\\\\_]/', '', $name);
        return strtr($name, '_', '\\');
    }

    private static function instead(string $class): ?string
    {
        foreach (self::INSTEAD as $begin => $sentence) {
            if ($class === $begin || strncmp($class, "$begin\\", strlen($begin) + 1) === 0) {
                return $sentence;
            }
        }
        return null;
    }
}
