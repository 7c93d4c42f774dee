<?php

/**
 * Makes Swoole's names known where the extension is not loaded: constants and functions at once, classes when they are
 * asked for.
 */

declare(strict_types=1);

if (!extension_loaded('swoole') && !extension_loaded('openswoole')) {
    require_once __DIR__ . '/Loader.php';
    spl_autoload_register([FpmBridge\Compat\Loader::class, 'load']);
    if (!defined('SWOOLE_VERSION')) {
        @include __DIR__ . '/constants.php';
    }
    require_once __DIR__ . '/functions.php';
}
