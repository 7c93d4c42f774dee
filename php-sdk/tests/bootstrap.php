<?php

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

spl_autoload_register(static function (string $class): void {
    if (strncmp($class, 'FpmBridge\\Tests\\', 16) === 0) {
        $file = __DIR__ . '/' . strtr(substr($class, 16), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
