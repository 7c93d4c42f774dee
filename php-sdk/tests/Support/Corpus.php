<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

use FpmBridge\Analysis\RequestMode;
use FpmBridge\Environment;
use FpmBridge\Runtime;

/**
 * The scripts of tests/analysis: what the analysis says of them, and what it should say.
 *
 * A script begins with `=== name`; `php 8.1` on the next line is the least version that parses it, `needs Class` a
 * class without which it does not run; `--- file` begins another file, `--- main` the script again. `//! text` marks a
 * line that has to be found.
 */
final class Corpus
{
    /**
     * @return array<string, array{string}> name => body
     */
    public static function all(): array
    {
        $scripts = [];
        foreach (['memory', 'clean', 'other'] as $file) {
            $parts = preg_split('/^=== (.+)\n/m', self::read("$file.txt"), -1, PREG_SPLIT_DELIM_CAPTURE);
            for ($i = 1; $i < count($parts); $i += 2) {
                if (preg_match('/^php (\S+)\n/', $parts[$i + 1], $php) === 1) {
                    if (version_compare(PHP_VERSION, $php[1], '<')) {
                        continue;
                    }
                    $parts[$i + 1] = substr($parts[$i + 1], strlen($php[0]));
                }
                if (preg_match('/^needs (\S+)\n/', $parts[$i + 1], $class) === 1) {
                    if (!class_exists($class[1])) {
                        continue;
                    }
                    $parts[$i + 1] = substr($parts[$i + 1], strlen($class[0]));
                }
                $scripts[$parts[$i]] = [$parts[$i + 1]];
            }
        }
        return $scripts;
    }

    /**
     * Runs a script up to start() and analyses it.
     *
     * @return array{list<string>, list<string>} expected and found, as `file:line text`
     */
    public static function check(string $body): array
    {
        $folder = sys_get_temp_dir() . '/fpmbridge-corpus-' . bin2hex(random_bytes(6));
        mkdir($folder);
        $expected = [];
        $parts = preg_split('/^--- (.+)\n/m', "--- main\n$body", -1, PREG_SPLIT_DELIM_CAPTURE);
        for ($i = 1; $i < count($parts); $i += 2) {
            if (trim($parts[$i + 1]) === '') {
                continue;
            }
            $file = $parts[$i] === 'main' ? 'main.php' : $parts[$i];
            $text = "<?php\n" . $parts[$i + 1];
            file_put_contents("$folder/$file", $text);
            foreach (explode("\n", $text) as $n => $line) {
                if (preg_match('/\/\/! (.+)$/', $line, $mark) === 1) {
                    $expected[] = "$file:" . ($n + 1) . " $mark[1]";
                }
            }
        }
        $found = [];
        foreach (self::analyse("$folder/main.php")->findings as $finding) {
            $places = $finding->places > 1 ? " ($finding->places)" : '';
            $found[] = basename($finding->file) . ":$finding->line $finding->what$places";
        }
        foreach (glob("$folder/*") ?: [] as $file) {
            unlink($file);
        }
        rmdir($folder);
        sort($expected);
        sort($found);
        foreach ($found as $i => $line) {
            // A mark says how the text begins.
            if (isset($expected[$i]) && strncmp($line, $expected[$i], strlen($expected[$i])) === 0) {
                $found[$i] = $expected[$i];
            }
        }
        return [$expected, $found];
    }

    public static function analyse(string $file): RequestMode
    {
        $environment = new Environment();
        $environment->listen = '127.0.0.1:9501';
        $run = Runtime::host($environment, null);
        $globals = (static function () use ($file): array {
            ob_start();
            require $file;
            ob_end_clean();
            return get_defined_vars();
        })();
        $server = $globals['server'] ?? $GLOBALS['server'] ?? null;
        (function () use (&$server): void {
            $server = $this->server->get();
        })->call($run);
        $callbacks = [];
        (function () use (&$callbacks): void {
            foreach ($this->fpmbridge->callbacks as $event => $callback) {
                $callbacks[] = [$event, $callback];
            }
        })->call($server);
        try {
            return RequestMode::of($callbacks, $server, $globals, [$file]);
        } finally {
            Runtime::host(null, null);
        }
    }

    private static function read(string $file): string
    {
        return (string) file_get_contents(dirname(__DIR__) . "/analysis/$file");
    }
}
