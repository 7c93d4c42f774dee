<?php

/**
 * As extension_loaded() beside it: a script for Swoole runs on the command line, and may refuse to run elsewhere.
 */

declare(strict_types=1);

if (!function_exists('php_sapi_name')) {
    /**
     * @return string|false
     */
    function php_sapi_name()
    {
        return getenv('BRIDGE_ENCODING') === 'framed' ? 'cli' : PHP_SAPI;
    }
}
