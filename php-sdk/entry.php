<?php

/**
 * SCRIPT_FILENAME of every framed request: loads the SDK, then the user's script at global scope. It leaves no
 * variables of its own. docs/protocol.md section 5.
 */

declare(strict_types=1);

if (class_exists('Swoole\Server', false)) {
    // The extension is loaded, and the bundle would declare its classes again: begin() says what to do about it.
    require __DIR__ . '/autoload.php';
} else {
    // BRIDGE_TYPED: for scripts that override methods of Swoole's classes with types of parameters (push(int $fd, …)).
    // PHP 8 compares them: there parameters have the extension's, and null is a TypeError for most.
    require __DIR__ . (PHP_VERSION_ID >= 80000 && getenv('BRIDGE_TYPED') === '1' // as in entry-cli.php
        ? '/bundle/typed.php'
        : '/bundle/core.php');
    spl_autoload_register(['FpmBridge\Compat\Loader', 'load']);
}

if (FpmBridge\Runtime::begin()) {
    require FpmBridge\Compat\Names::prepare(FpmBridge\Runtime::require());
    FpmBridge\Runtime::reachedEnd();
}
