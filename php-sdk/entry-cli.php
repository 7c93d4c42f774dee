<?php

/**
 * auto_prepend_file of a script on the command line: loads the SDK in front of it, in the processes of
 * `launcher: cli` and in a `php server.php` by hand. As their auto_append_file it only says that the script came to its
 * end. It leaves no variables of its own.
 */

declare(strict_types=1);

if (class_exists('FpmBridge\Runtime', false)) {
    FpmBridge\Runtime::reachedEnd();
    return;
}
if (class_exists('Swoole\Server', false)) {
    require __DIR__ . '/autoload.php';
} else {
    require __DIR__ . (PHP_VERSION_ID >= 80000 && getenv('BRIDGE_TYPED') === '1' // see entry.php
        ? '/bundle/typed.php'
        : '/bundle/core.php');
    spl_autoload_register(['FpmBridge\Compat\Loader', 'load']);
}
if (PHP_VERSION_ID >= 80000) { // where -d disable_functions makes room for them
    function_exists('extension_loaded') || require __DIR__ . '/compat/standins/extension_loaded.php';
    function_exists('phpversion') || require __DIR__ . '/compat/standins/phpversion.php';
}
FpmBridge\CommandLine::begin() || FpmBridge\ByHand::begin();
FpmBridge\Compat\Names::all();
FpmBridge\Compat\Names::onCommandLine();
