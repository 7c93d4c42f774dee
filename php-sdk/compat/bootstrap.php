<?php

/**
 * Makes Swoole's names known where the extension is not loaded: constants and functions at once, classes when they are
 * asked for. Under entry.php that was done already.
 */

declare(strict_types=1);

if (
    !class_exists(FpmBridge\Compat\Loader::class, false)
    && preg_grep('/^(open)?swoole$/i', get_loaded_extensions()) === []
) {
    require __DIR__ . '/Loader.php';
    require __DIR__ . '/Names.php';
    spl_autoload_register([FpmBridge\Compat\Loader::class, 'load']);
    FpmBridge\Compat\Names::all();
}
