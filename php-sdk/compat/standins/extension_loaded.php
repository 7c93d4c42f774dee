<?php

/**
 * PHP's function of this name, in a PHP that was started without it (internal/standin): the SDK takes the place of the
 * extension, so a script that asks for it goes on. For everything else the truth, and in plain scripts, too.
 */

declare(strict_types=1);

if (!function_exists('extension_loaded')) {
    function extension_loaded(string $extension): bool
    {
        if (preg_match('/^(open)?swoole$/iD', $extension) === 1) {
            if (PHP_SAPI === 'cli' || getenv('BRIDGE_ENCODING') === 'framed') {
                return true;
            }
        }
        try {
            new ReflectionExtension($extension);
            return true;
        } catch (ReflectionException $missing) {
            return false;
        }
    }
}
