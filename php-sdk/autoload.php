<?php

/**
 * The one include for those who do not use Composer: the FpmBridge classes, and the Swoole drop-in where the extension
 * is not loaded.
 */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (strncmp($class, 'FpmBridge\\', 10) === 0) {
        $file = __DIR__ . '/src/' . strtr(substr($class, 10), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});

require __DIR__ . '/compat/bootstrap.php';
