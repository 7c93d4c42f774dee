<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

/**
 * Joins source files: one namespace block each, in order.
 */
final class Bundle
{
    /** What a request of any script needs. */
    private const CORE = [
        'src/Environment.php', 'src/Runtime.php', 'src/Log.php', 'src/Wire.php', 'src/Event.php', 'src/Reply.php',
        'compat/Loader.php', 'compat/Names.php',
    ];

    /** What a request of a Swoole script needs beside it. Apart, because callbacks are called without strict_types. */
    private const SWOOLE = [
        'compat/Values.php', 'compat/State.php', 'compat/Swoole/Server.php', 'compat/Swoole/Http/Server.php',
        'compat/Swoole/WebSocket/Server.php', 'compat/Swoole/WebSocket/Frame.php',
        'compat/Swoole/Connection/Iterator.php', 'compat/Swoole/Server/Port.php',
    ];

    /** Swoole's functions. */
    private const FUNCTIONS = [
        'compat/functions.php', 'compat/functions/mime.php', 'compat/functions/loop.php',
        'compat/functions/library.php', 'compat/functions/coroutine.php', 'compat/functions/co.php',
    ];

    /**
     * @return array<string, string> file => text
     */
    public static function all(): array
    {
        return [
            'core.php' => self::join(self::CORE, "declare(strict_types=1);\n\n"),
            'swoole.php' => self::join(self::SWOOLE, ''),
            'functions.php' => self::join(self::FUNCTIONS, ''),
        ];
    }

    /**
     * @param list<string> $files
     */
    private static function join(array $files, string $declare): string
    {
        $text = "<?php\n\n// Written by bundle.php from the files named below. Do not edit.\n\n$declare";
        foreach ($files as $file) {
            $code = (string) file_get_contents(dirname(__DIR__, 2) . "/$file");
            $code = preg_replace('/^<\?php\s+/', '', $code);
            $code = preg_replace('/^declare\(strict_types=1\);\s+/m', '', $code, 1);
            // Comments are for the sources.
            $code = preg_replace('!^ *(/\*\*.*?\*/|//[^\n]*)\n!ms', '', $code);
            $namespace = '';
            if (preg_match('/^namespace (\S+);\s+/m', $code, $found) === 1) {
                $namespace = " {$found[1]}";
                $code = str_replace($found[0], '', $code);
            }
            $code = preg_replace("/\n{2,}/", "\n", trim($code));
            $text .= "// $file\nnamespace$namespace {\n$code\n}\n\n";
        }
        return rtrim($text) . "\n";
    }
}
