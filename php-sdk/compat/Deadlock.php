<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Log;
use FpmBridge\Runtime;
use ReflectionFiber;

/**
 * All coroutines wait for each other.
 */
final class Deadlock
{
    /**
     * Says so in Swoole's words, and where each one waits: in the log, on a console outside of the bridge.
     *
     * @param array<int, Routine> $routines
     */
    public static function report(array $routines): void
    {
        $text = '[FATAL ERROR]: all coroutines (count: ' . count($routines) . ') are asleep - deadlock!';
        foreach ($routines as $routine) {
            $trace = $routine->fiber !== null && $routine->fiber->isSuspended()
                ? (new ReflectionFiber($routine->fiber))->getTrace(DEBUG_BACKTRACE_IGNORE_ARGS)
                : debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS);
            [$file, $line] = Log::caller($trace, '', 0);
            $text .= " [Coroutine-{$routine->cid}] waits in $file:$line";
        }
        $run = Runtime::current();
        if ($run === null) {
            echo "$text\n";
            return;
        }
        $run->log()->add(Log::WARN, $text);
    }
}
