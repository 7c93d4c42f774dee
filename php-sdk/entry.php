<?php

/**
 * SCRIPT_FILENAME of every framed request: loads the SDK, then the user's script at global scope. It leaves no
 * variables of its own. docs/protocol.md section 5.
 */

declare(strict_types=1);

require __DIR__ . '/bundle/core.php';
require __DIR__ . '/autoload.php';

if (FpmBridge\Runtime::begin()) {
    require FpmBridge\Runtime::script();
    FpmBridge\Runtime::reachedEnd();
}
