<?php

declare(strict_types=1);

namespace FpmBridge;

use ReflectionFunction;

/**
 * Why a script may have ended before it started a server: what its files ask of PHP that PHP-FPM answers otherwise than
 * the command line does. Not loaded for events.
 */
final class Unserved
{
    private const SAPI = '/\bPHP_SAPI\b|\bphp_sapi_name\s*\(/i';
    private const EXTENSION = '/\b(?:extension_loaded|phpversion)\s*\(\s*[\'"](?:open)?swoole[\'"]/i';
    private const LOOKED_UP = '/\b(?:ReflectionExtension|get_extension_funcs)\s*\(\s*[\'"](?:open)?swoole[\'"]'
        . '|[\'"](?:open)?swoole[\'"]\s*,\s*get_loaded_extensions\s*\(/i';
    private const PCNTL = '/\bpcntl_\w+\s*\(/i';
    private const ARGUMENTS = '/\$argv\b|\$argc\b|\bgetopt\s*\(|\[\s*[\'"]arg[vc][\'"]\s*\]/';
    private const CLI = '`--mode resident --launcher cli` runs the script with PHP on the command line';

    /** A line of code => what it means. The first line of each kind is told. */
    private const SIGNS = [
        self::SAPI => 'asks for PHP_SAPI, which is not cli here: ' . self::CLI,
        self::EXTENSION => 'asks for the extension, which is not loaded: the SDK takes its place, so leave that check'
            . ' out, or have the SDK answer it (docs/swoole.md, "Checks for the extension")',
        self::LOOKED_UP => 'looks for the extension, which is not loaded: the SDK takes its place, so leave that check'
            . ' out; SWOOLE_VERSION and swoole_version() are there',
        self::PCNTL => 'needs pcntl, which PHP-FPM does not have: ' . self::CLI,
        self::ARGUMENTS
            => 'reads arguments: those behind -- are the script\'s, as in `fpmbridge serve server.php -- start`',
    ];

    /** What only scripts for Swoole's servers name. */
    private const SERVER = '/\bswoole_(?:websocket_|http_)?server\b'
        . '|\b(?:Open)?Swoole\\\\(?:WebSocket\\\\|Http\\\\)?Server\b/i';

    /** What a plain script has to look at. */
    private const PLAIN = 'BRIDGE_';

    private const SHORT_TAG = '/\A\s*<\?(?!php\b|=|xml\b)/i';

    /** Failures that are about one of them; an exit may be about each. */
    private const ABOUT_PCNTL = '/\bpcntl_\w+\(\)/i';

    /**
     * Whether a script that started nothing was to start a server. If not, it is a plain one.
     *
     * @param string $script an absolute path
     * @param bool $exit it did not come to its end
     */
    public static function isMeant(string $script, bool $exit): bool
    {
        $signs = [self::SERVER => '', self::ARGUMENTS => ''];
        $meant = $exit && stripos((string) @file_get_contents($script), 'swoole') !== false;
        foreach (self::files() as $file) {
            $text = (string) file_get_contents($file);
            if (strpos($text, self::PLAIN) !== false) {
                return false;
            }
            $meant = $meant || self::find($file, $signs) !== [];
        }
        return $meant;
    }

    /**
     * @return list<string> the script, and what it included and is its own
     */
    private static function files(): array
    {
        $files = [];
        $around = [(string) ini_get('auto_prepend_file'), (string) ini_get('auto_append_file')];
        foreach (array_diff(get_included_files(), $around) as $file) {
            if (!Log::isSdk($file) && strpos($file, '/vendor/') === false && is_file($file)) {
                $files[] = $file;
            }
        }
        return $files;
    }

    /**
     * @param string $error what failed; empty: the script called exit
     * @return string to be put behind what is said of it; empty: nobody knows
     */
    public static function hint(string $error): string
    {
        $signs = self::SIGNS;
        if (preg_match(self::ABOUT_PCNTL, $error) === 1) {
            $signs = [self::PCNTL => $signs[self::PCNTL]];
        } elseif (preg_match('/extension "(open)?swoole"/i', $error) === 1) {
            $signs = [self::LOOKED_UP => $signs[self::LOOKED_UP]];
        } elseif ($error !== '') {
            $signs = [self::SAPI => $signs[self::SAPI]];
        }
        if (PHP_SAPI === 'cli') {
            unset($signs[self::SAPI]);
        }
        $hints = [];
        foreach (self::files() as $file) {
            $hints += self::find($file, $signs);
            if (!ini_get('short_open_tag') && preg_match(self::SHORT_TAG, (string) file_get_contents($file)) === 1) {
                $hints[] = "$file:1 begins with <?, which is text for this PHP: write <?php, or turn short_open_tag on";
            }
        }
        return $hints === [] ? '' : '; ' . implode('; ', $hints);
    }

    /**
     * @param array<string, string> $signs
     * @return array<string, string> by sign
     */
    private static function find(string $file, array $signs): array
    {
        $hints = [];
        foreach (explode("\n", (string) file_get_contents($file)) as $n => $line) {
            $code = ltrim($line);
            if ($code === '' || $code[0] === '*' || $code[0] === '#' || strncmp($code, '//', 2) === 0) {
                continue;
            }
            foreach ($signs as $sign => $meaning) {
                if (!isset($hints[$sign]) && preg_match($sign, $code, $found) === 1 && !self::isStandIn($found[0])) {
                    $hints[$sign] = "$file:" . ($n + 1) . " $meaning";
                }
            }
        }
        return $hints;
    }

    /**
     * Whether the SDK answers a call already (compat/standins).
     */
    private static function isStandIn(string $code): bool
    {
        $name = (string) preg_replace('/\W.*/s', '', $code);
        return function_exists($name) && (new ReflectionFunction($name))->isUserDefined();
    }
}
