<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * Turns what a script prints and PHP's warnings into log frames.
 */
final class Log
{
    public const DEBUG = 0;
    public const INFO = 1;
    public const WARN = 2;
    public const ERROR = 3;

    /** Bytes of one event's log; what is over is counted only. */
    private const LIMIT = 262144;

    /** Bytes of a line that has not ended; a longer one is cut there. */
    private const MAX_LINE = 16384;

    /** A script that tries this often in vain to remove the last output buffer will never stop by itself. */
    private const MAX_BUFFER_NOTICES = 1000;

    /** What is printed gets this level. */
    private int $printed = 0;

    /** Warnings get this level. */
    private int $warnings = 0;

    /** A resident worker's: the connection and the type of the event that the lines are about; 0: none. */
    public int $fd = 0;
    public int $type = 0;

    /** Lines go to stderr at once: there is no bridge. */
    public bool $print = false;

    private string $bytes = '';
    private string $line = '';
    private int $dropped = 0;
    private int $bufferNotices = 0;

    /**
     * Something was printed.
     */
    public function text(string $text): void
    {
        if ($text === '') {
            return;
        }
        $text = $this->line . $text;
        $this->line = '';
        $lines = explode("\n", $text);
        $last = array_pop($lines);
        foreach ($lines as $line) {
            $this->add($this->printed, rtrim($line, "\r"));
        }
        while (strlen($last) > self::MAX_LINE) {
            $this->add($this->printed, substr($last, 0, self::MAX_LINE));
            $last = substr($last, self::MAX_LINE);
        }
        $this->line = $last;
    }

    /**
     * What is printed from now on gets another level, and begins a line.
     */
    public function level(int $printed, int $warnings): void
    {
        $this->endLine();
        $this->printed = $printed;
        $this->warnings = $warnings;
    }

    /**
     * One line for the log; an empty one is left out.
     *
     * @param int $level Log::DEBUG to Log::ERROR
     */
    public function add(int $level, string $text, string $file = '', int $line = 0): void
    {
        if ($text === '') {
            return;
        }
        if ($this->print) {
            $place = $file === '' ? '' : " in $file on line $line";
            $level > self::DEBUG && fwrite(STDERR, "fpmbridge: $text$place\n");
            return;
        }
        if (strlen($this->bytes) + strlen($text) > self::LIMIT) {
            $this->dropped += strlen($text);
            return;
        }
        $meta = $file === '' ? '' : Wire::json(['file' => $file, 'line' => $line]);
        $this->bytes .= Wire::pack(Wire::LOG, 0, $this->type, 0, 0, $this->fd, $level, $meta, $text);
    }

    /**
     * The frames so far; the log is empty afterwards. Ends the line that was begun.
     */
    public function take(): string
    {
        $this->endLine();
        $bytes = $this->bytes;
        $this->bytes = '';
        if ($this->dropped > 0) {
            $text = "the script printed {$this->dropped} bytes more than one event may log";
            $this->dropped = 0;
            return $bytes . Wire::pack(Wire::LOG, 0, 0, 0, 0, 0, self::WARN, '', $text);
        }
        return $bytes;
    }

    /**
     * Whether there is anything to take.
     */
    public function any(): bool
    {
        return $this->bytes !== '' || $this->line !== '' || $this->dropped > 0;
    }

    /**
     * PHP's error handler (set_error_handler). Returns false, so that PHP goes on as it would without one:
     * error_get_last(), log_errors, and the end of the script for E_USER_ERROR.
     */
    public function warning(int $type, string $message, string $file, int $line): bool
    {
        if ((error_reporting() & $type) === 0) {
            return false;
        }
        if ($type === E_NOTICE && strncmp($message, 'ob_', 3) === 0 && stripos($message, 'failed to') !== false) {
            $this->bufferNotices++;
            if ($this->bufferNotices > self::MAX_BUFFER_NOTICES) {
                throw new \LogicException('the script tries to remove every output buffer in an endless loop;'
                    . ' one of them is the bridge\'s: compare ob_get_level() with its first value instead of 0');
            }
        }
        if (self::isSdk($file)) {
            [$file, $line] = self::caller(debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS), $file, $line);
        }
        // What is displayed goes to the log again, line by line.
        if (ini_get('display_errors')) {
            function_exists('ini_set') && ini_set('display_errors', '0');
        }
        $this->add($this->warnings, $message, $file, $line);
        return false;
    }

    private function endLine(): void
    {
        if ($this->line !== '') {
            $line = $this->line;
            $this->line = '';
            $this->add($this->printed, $line);
        }
    }

    /**
     * Whether a file is the SDK's own.
     */
    public static function isSdk(string $file): bool
    {
        $root = dirname(__DIR__);
        foreach (['/src/', '/compat/', '/bundle/', '/entry.php', '/entry-cli.php'] as $own) {
            if (strncmp($file, $root . $own, strlen($root . $own)) === 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Where the script called the SDK: the first place of a stack trace that is not the SDK's.
     *
     * @param array<int, array<string, mixed>> $trace
     * @return array{string, int}
     */
    public static function caller(array $trace, string $file, int $line): array
    {
        foreach ($trace as $frame) {
            if (isset($frame['file'], $frame['line']) && !self::isSdk($frame['file'])) {
                return [$frame['file'], (int) $frame['line']];
            }
        }
        return [$file, $line];
    }
}
