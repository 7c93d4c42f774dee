<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * Leaves out the first line of a script that begins with `#!`, as PHP's command line does. PHP-FPM does that for the
 * file that it is asked to run, which is entry.php; in front of `namespace` and `declare(strict_types=1)` the line
 * would be a fatal error. It takes the place of PHP's own files for the one that is opened next. opcache keeps what was
 * compiled, so only the first request after a change of the script comes here.
 */
final class Shebang
{
    private const BEGIN = '#!';
    private const TAG = '<?php';

    /** @var resource|null PHP sets it */
    public $context = null;

    private static string $script = '';

    /** What is left to be read. */
    private string $text = '';

    /** @var array<int|string, int> of the file */
    private array $stat = [];

    /**
     * The next include is this script's, and does without its first line.
     *
     * @param string $script an absolute path
     */
    public static function skip(string $script): void
    {
        if (!function_exists('opcache_is_script_cached') || !@opcache_is_script_cached($script)) {
            self::$script = (string) realpath($script); // a folder above it may be a link, as in many deploys
            stream_wrapper_unregister('file');
            stream_wrapper_register('file', self::class);
        }
    }

    /**
     * The code without its first line; lines keep their numbers.
     */
    public static function without(string $text): string
    {
        $end = strpos($text, "\n");
        if (strncmp($text, self::BEGIN, 2) !== 0 || $end === false) {
            return $text;
        }
        $rest = substr($text, $end + 1);
        // The tag moves to the first line: anything in front of it would be output.
        return strncasecmp($rest, self::TAG, 5) === 0 && ctype_space($rest[5] ?? ' ')
            ? self::TAG . "\n" . substr($rest, 5)
            : $rest;
    }

    /**
     * PHP opens the script; another file if the include did not come so far.
     */
    public function stream_open(string $path): bool // phpcs:ignore PSR1.Methods.CamelCapsMethodName
    {
        // By PHP's own way: it refuses a wrapper that opens, within another one, the file that this one opens.
        stream_wrapper_restore('file');
        $text = @file_get_contents($path);
        $this->stat = (array) @stat($path);
        self::giveBack();
        if ($text === false) {
            return false;
        }
        $this->text = realpath($path) === self::$script ? self::without($text) : $text;
        return true;
    }

    public function stream_read(int $count): string // phpcs:ignore PSR1.Methods.CamelCapsMethodName
    {
        $part = substr($this->text, 0, $count);
        $this->text = substr($this->text, strlen($part));
        return $part;
    }

    public function stream_eof(): bool // phpcs:ignore PSR1.Methods.CamelCapsMethodName
    {
        return $this->text === '';
    }

    /**
     * @return array<int|string, int>
     */
    public function stream_stat(): array // phpcs:ignore PSR1.Methods.CamelCapsMethodName
    {
        return $this->stat;
    }

    public function stream_set_option(): bool // phpcs:ignore PSR1.Methods.CamelCapsMethodName
    {
        return false;
    }

    /**
     * @return array<int|string, int>|false
     */
    public function url_stat(string $path) // phpcs:ignore PSR1.Methods.CamelCapsMethodName
    {
        stream_wrapper_restore('file');
        $stat = @stat($path);
        self::giveBack();
        return $stat;
    }

    /**
     * PHP's own files are back; or they are again what they were before.
     */
    private static function giveBack(): void
    {
        if (class_exists(PidFiles::class, false)) {
            PidFiles::again();
        }
    }
}
