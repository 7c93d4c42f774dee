<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use Closure;
use FpmBridge\Log;
use FpmBridge\Runtime;
use FpmBridge\Waits;

/**
 * Handlers of signals in a resident worker, by PHP's pcntl. A signal only marks that it came: its handler runs between
 * events, as in the extension's loop.
 */
final class Signals implements Waits
{
    /** How often the loop looks, when nothing wakes it, in nanoseconds. */
    private const LOOK = 60000000000;

    private static ?self $only = null;

    /** @var array<int, callable> */
    private array $handlers = [];

    /** @var list<int> those that came */
    private array $pending = [];

    /**
     * @return bool false, and a line in the log, without pcntl, and for a signal that cannot be handled
     */
    public static function handle(Runtime $run, int $signal, ?callable $callback): bool
    {
        if (!function_exists('pcntl_signal')) {
            [$file, $line] = Log::caller(debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS), '', 0);
            $text = 'Swoole\Process::signal() is left out: this PHP has no pcntl, and PHP-FPM handles the signals of'
                . ' its children; SIGUSR1 to the bridge reloads, SIGTERM ends it';
            $run->log()->add(Log::WARN, $text, $file, $line);
            return false;
        }
        if (self::$only === null) {
            self::$only = new self();
            $run->worker->watch(self::$only);
            pcntl_async_signals(true);
        }
        return self::$only->set($signal, $callback);
    }

    public function next(): ?int
    {
        return $this->pending !== [] ? 0 : ($this->handlers === [] ? null : hrtime(true) + self::LOOK);
    }

    public function begin(): void
    {
    }

    public function take(): ?Closure
    {
        while ($this->pending !== []) {
            $signal = array_shift($this->pending);
            $handler = $this->handlers[$signal] ?? null;
            if ($handler !== null) {
                return static function () use ($handler, $signal): void {
                    $handler($signal);
                };
            }
        }
        return null;
    }

    public function isBusy(bool $told): bool
    {
        return false;
    }

    private function set(int $signal, ?callable $callback): bool
    {
        if ($callback === null) {
            unset($this->handlers[$signal]);
            return @pcntl_signal($signal, SIG_DFL);
        }
        $this->handlers[$signal] = $callback;
        return @pcntl_signal($signal, function (int $signal): void {
            $this->pending[] = $signal;
        });
    }
}
