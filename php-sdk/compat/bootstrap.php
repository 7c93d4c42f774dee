<?php

/**
 * Makes Swoole's names known where the extension is not loaded: constants and functions at once, classes when they are
 * asked for.
 */

declare(strict_types=1);

if (!extension_loaded('swoole') && !extension_loaded('openswoole')) {
    if (!class_exists(FpmBridge\Compat\Loader::class, false)) {
        require __DIR__ . '/Loader.php';
        require __DIR__ . '/functions.php';
    }
    spl_autoload_register([FpmBridge\Compat\Loader::class, 'load']);
    if (!defined('SWOOLE_VERSION')) {
        @include __DIR__ . '/constants.php';
    }
}
