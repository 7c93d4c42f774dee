<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Log;
use FpmBridge\Runtime;

/**
 * A warning for an error handler of the script. Only PHP and extensions can raise an E_WARNING, so the handler is
 * called by hand, with that level and with the place in the script.
 */
final class Warning
{
    /**
     * @param string $text with the method in front
     */
    public static function raise(string $text): void
    {
        $handler = set_error_handler(null);
        if ($handler === null || (is_array($handler) && $handler[0] instanceof Runtime)) {
            restore_error_handler();
            trigger_error($text, E_USER_WARNING);
            return;
        }
        // Without a handler meanwhile, as PHP has it.
        try {
            [$file, $line] = Log::caller(debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS), '', 0);
            if ($handler(E_WARNING, $text, $file, $line) === false) {
                trigger_error($text, E_USER_WARNING);
            }
        } finally {
            $now = set_error_handler(null);
            restore_error_handler();
            // One that the handler itself has set stays.
            if ($now === null) {
                restore_error_handler();
            }
        }
    }
}
