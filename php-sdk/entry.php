<?php

/**
 * SCRIPT_FILENAME of every framed request: loads the SDK, then the user's script at global scope. It leaves no
 * variables of its own. docs/protocol.md section 5.
 */

declare(strict_types=1);

require __DIR__ . '/src/Environment.php';
require __DIR__ . '/src/Runtime.php';
require __DIR__ . '/src/Log.php';
require __DIR__ . '/src/Wire.php';
require __DIR__ . '/src/Event.php';
require __DIR__ . '/src/Reply.php';
require __DIR__ . '/autoload.php';

if (FpmBridge\Runtime::begin()) {
    require FpmBridge\Runtime::script();
    FpmBridge\Runtime::reachedEnd();
}
