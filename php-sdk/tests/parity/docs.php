<?php

/**
 * Writes docs/swoole.md and docs/gatewayworker.md from the lists beside this file: `make docs`.
 */

declare(strict_types=1);

require dirname(__DIR__) . '/bootstrap.php';

$parity = new FpmBridge\Tests\Support\Parity();
file_put_contents(dirname(__DIR__, 3) . '/docs/swoole.md', $parity->document());
file_put_contents(
    dirname(__DIR__, 3) . '/docs/gatewayworker.md',
    FpmBridge\Tests\Support\GatewayWorkerParity::document()
);
