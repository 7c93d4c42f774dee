<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * Why a script may have ended before it started a server: what its files ask of PHP that PHP-FPM answers otherwise than
 * the command line does. Not loaded for events.
 */
final class Unserved
{
    private const CLI = '`--mode resident --launcher cli` runs the script with PHP on the command line';

    /** A line of code => what it means. The first line of each kind is told. */
    private const SIGNS = [
        '/\bPHP_SAPI\b|\bphp_sapi_name\s*\(/i' => 'asks for PHP_SAPI, which is not cli here: ' . self::CLI,
        '/\b(?:extension_loaded|phpversion)\s*\(\s*[\'"](?:open)?swoole[\'"]/i'
            => 'asks for the extension, which is not loaded: the SDK takes its place, so leave that check out',
        '/\bpcntl_\w+\s*\(/i' => 'needs pcntl, which PHP-FPM does not have: ' . self::CLI,
        '/\$argv\b|\$argc\b|\bgetopt\s*\(|\[\s*[\'"]arg[vc][\'"]\s*\]/'
            => 'reads arguments: those behind -- are the script\'s, as in `fpmbridge serve server.php -- start`',
    ];

    /** Failures that are about one of them; an exit may be about each. */
    private const ABOUT_PCNTL = '/\bpcntl_\w+\(\)/i';

    /**
     * @param string $error what failed; empty: the script called exit
     * @return string to be put behind what is said of it; empty: nobody knows
     */
    public static function hint(string $error): string
    {
        $signs = self::SIGNS;
        if (preg_match(self::ABOUT_PCNTL, $error) === 1) {
            $signs = array_slice($signs, 2, 1, true);
        } elseif ($error !== '') {
            $signs = array_slice($signs, 0, 1, true);
        }
        if (PHP_SAPI === 'cli') {
            unset($signs[array_keys(self::SIGNS)[0]]);
        }
        $hints = [];
        foreach (get_included_files() as $file) {
            if (!Log::isSdk($file) && strpos($file, '/vendor/') === false && is_file($file)) {
                $hints += self::find($file, $signs);
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
                if (!isset($hints[$sign]) && preg_match($sign, $code) === 1) {
                    $hints[$sign] = "$file:" . ($n + 1) . " $meaning";
                }
            }
        }
        return $hints;
    }
}
