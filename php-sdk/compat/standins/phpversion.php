<?php

/**
 * As extension_loaded() beside it: the version of Swoole that the SDK stands for, and PHP's own answer to the rest.
 */

declare(strict_types=1);

if (!function_exists('phpversion')) {
    /**
     * @return string|false
     */
    function phpversion(?string $extension = null)
    {
        if ($extension === null) {
            return PHP_VERSION;
        }
        if (preg_match('/^(open)?swoole$/iD', $extension) === 1) {
            if (PHP_SAPI === 'cli' || getenv('BRIDGE_ENCODING') === 'framed') {
                return '6.2.1';
            }
        }
        try {
            return (new ReflectionExtension($extension))->getVersion() ?? false;
        } catch (ReflectionException $missing) {
            return false;
        }
    }
}
