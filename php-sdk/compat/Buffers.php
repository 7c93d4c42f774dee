<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Runtime;

/**
 * Each coroutine has output buffers of its own, as in the extension (PHPCoroutine::save_og): when another one runs,
 * they are put away. PHP cannot switch them, so they are emptied and made anew.
 */
final class Buffers
{
    private const PLAIN = 'default output handler';

    /**
     * Puts away what the script has open. A buffer with a handler of its own cannot be: then all stay.
     *
     * @return list<string> contents, innermost first; for put()
     */
    public static function take(): array
    {
        $run = Runtime::current();
        if ($run === null || $run->outputLevel < 0 || ob_get_level() <= $run->outputLevel) {
            return [];
        }
        foreach (array_slice(ob_get_status(true), $run->outputLevel) as $buffer) {
            if ($buffer['name'] !== self::PLAIN) {
                return [];
            }
        }
        $contents = [];
        while (ob_get_level() > $run->outputLevel) {
            $contents[] = (string) ob_get_clean();
        }
        return $contents;
    }

    /**
     * @param list<string> $contents of take()
     */
    public static function put(array $contents): void
    {
        while ($contents !== []) {
            ob_start();
            echo array_pop($contents);
        }
    }

    /**
     * A coroutine is over: what it left in buffers is printed.
     */
    public static function end(): void
    {
        $run = Runtime::current();
        while ($run !== null && $run->outputLevel >= 0 && ob_get_level() > $run->outputLevel && ob_end_flush()) {
            continue;
        }
    }
}
