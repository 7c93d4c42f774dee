<?php

/**
 * The one include for those who only push: FpmBridge\Client and its classes, without the Swoole drop-in. PHP 7.4 or
 * later, ext-json; http: addresses are faster with ext-curl.
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
