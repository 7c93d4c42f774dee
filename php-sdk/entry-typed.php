<?php

/**
 * entry.php for scripts that override methods of Swoole's classes with types of parameters (`push(int $fd, …)`), which
 * PHP 8 compares: here parameters have the extension's, and null is a TypeError for most of them. The bridge looks at
 * the script and says which of the two it is.
 */

declare(strict_types=1);

if (PHP_VERSION_ID < 80000 || class_exists('Swoole\Server', false)) {
    require __DIR__ . '/entry.php';
    return;
}
require __DIR__ . '/bundle/typed.php';
spl_autoload_register(['FpmBridge\Compat\Loader', 'load']);
if (FpmBridge\Runtime::begin()) {
    require FpmBridge\Compat\Names::prepare(FpmBridge\Runtime::require());
    FpmBridge\Runtime::reachedEnd();
}
