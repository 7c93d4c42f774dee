<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

/**
 * Joins source files: one namespace block each, in order. Functions and constants of PHP get a leading backslash there:
 * without one, each call looks for a function of the namespace first.
 */
final class Bundle
{
    /**
     * What a request of any script needs, and what a Swoole server needs beside it. Together, although App has no use
     * for the latter: a second file costs more than its classes, and constants of a class in another file are looked
     * up.
     */
    private const CORE = [
        'src/Environment.php', 'src/Runtime.php', 'src/Log.php', 'src/Wire.php', 'src/Event.php', 'src/Reply.php',
        'compat/Loader.php', 'compat/Names.php',
        'compat/Values.php', 'compat/State.php', 'compat/Swoole/Server.php', 'compat/Swoole/Http/Server.php',
        'compat/Swoole/WebSocket/Server.php', 'compat/Swoole/WebSocket/Frame.php',
        'compat/Swoole/Connection/Iterator.php', 'compat/Swoole/Server/Port.php',
    ];

    /** Parameters of methods that scripts override, by the types that the extension has for them, in PHP 8. */
    private const TYPED = [
        'push' => ['$data' => 'Frame|string', '$flags' => 'int'],
        'pack' => ['$data' => 'Frame|string', '$flags' => 'int'],
        'send' => ['$fd' => 'int|string'],
        'on' => ['$callback' => 'callable'],
        'addProcess' => ['$process' => 'Process'],
        'incr' => ['$incrby' => 'int|float'],
        'decr' => ['$incrby' => 'int|float'],
    ];

    /** Files with classes that scripts extend. */
    private const EXTENDED = '~^compat/Swoole/(Server|Http/Server|WebSocket/Server|Table)\.php$~';

    /** Unqualified in the sources because a test puts one of its own in the namespace. */
    private const REPLACEABLE = ['get_loaded_extensions'];

    /** Swoole's functions, and what else comes with all its names. */
    private const FUNCTIONS = [
        'compat/functions.php', 'compat/functions/mime.php', 'compat/functions/loop.php',
        'compat/functions/library.php', 'compat/functions/coroutine.php', 'compat/functions/co.php',
        'compat/Standard.php',
    ];

    /**
     * @return array<string, string> file => text
     */
    public static function all(): array
    {
        return [
            'core.php' => self::join(self::CORE),
            'typed.php' => self::join(array_merge(self::CORE, ['compat/Swoole/Table.php']), true),
            'functions.php' => self::join(self::FUNCTIONS),
        ];
    }

    /**
     * @param list<string> $files
     * @param bool $typed with the extension's types of parameters, in PHP 8
     */
    private static function join(array $files, bool $typed = false): string
    {
        // No strict_types, whatever the source says: callbacks are called from here, and from the extension they get
        // their arguments with weak typing.
        $text = "<?php\n\n// Written by bundle.php from the files named below. Do not edit.\n\n";
        foreach ($files as $file) {
            $code = (string) file_get_contents(dirname(__DIR__, 2) . "/$file");
            $code = preg_replace('/^<\?php\s+/', '', $code);
            $code = preg_replace('/^declare\(strict_types=1\);\s+/m', '', $code, 1);
            if ($typed && preg_match(self::EXTENDED, $file) === 1) {
                $code = self::typed($code);
            }
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
        return self::qualified(rtrim($text) . "\n");
    }

    /**
     * null is for parameters where the extension has it as default.
     */
    private static function typed(string $code): string
    {
        $signature = '/^(    public (?:static )?function (\w+)\()([^{;]*?)(?=\)[^()]*$)/m';
        return (string) preg_replace_callback($signature, static function (array $found): string {
            [, $head, $method, $parameters] = $found;
            $parameters = preg_replace('/\?(?=(?:int|string|float|bool) \$\w+(?! = null))\b/', '', $parameters);
            foreach (self::TYPED[$method] ?? [] as $name => $type) {
                $parameters = preg_replace('/(?<=^|, )' . preg_quote($name, '/') . '\b/', "$type $name", $parameters);
            }
            return $head . $parameters;
        }, $code);
    }

    private static function qualified(string $text): string
    {
        // Methods have a visibility in front.
        preg_match_all('/^ *function &?(\w+)\(/m', $text, $declared);
        $ours = array_map('strtolower', array_merge($declared[1], self::REPLACEABLE));
        $tokens = token_get_all($text);
        $solid = array_values(array_filter(array_keys($tokens), static function (int $i) use ($tokens): bool {
            return !in_array($tokens[$i][0], [T_WHITESPACE, T_COMMENT, T_DOC_COMMENT], true);
        }));
        $notBefore = [
            T_OBJECT_OPERATOR, T_DOUBLE_COLON, T_FUNCTION, T_NEW, T_NS_SEPARATOR, T_CONST, T_CLASS, T_INTERFACE, T_USE,
            T_NAMESPACE, T_EXTENDS, T_IMPLEMENTS, T_INSTANCEOF, T_AS, T_GOTO,
        ];
        foreach ($solid as $at => $i) {
            $before = $at > 0 ? $tokens[$solid[$at - 1]][0] : '';
            $after = $at + 1 < count($solid) ? $tokens[$solid[$at + 1]][0] : '';
            if ($tokens[$i][0] !== T_STRING || in_array($before, $notBefore, true)) {
                continue;
            }
            $name = $tokens[$i][1];
            $constant = $after !== '(' && preg_match('/^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/', $name) === 1;
            if ($constant || $after === '(' && !in_array(strtolower($name), $ours, true)) {
                $tokens[$i][1] = "\\$name";
            }
        }
        return implode('', array_map(static function ($token): string {
            return is_array($token) ? $token[1] : $token;
        }, $tokens));
    }
}
