<?php

/**
 * The one include for callers of GatewayWorker and GatewayClient outside of the bridge: their GatewayWorker\Lib\Gateway
 * and GatewayClient\Gateway reach fpmbridge, also if GatewayWorker is still installed. docs/gatewayworker.md.
 */

declare(strict_types=1);

require_once __DIR__ . '/client.php';

// Before other autoloaders, such as Composer's, which may know the original.
spl_autoload_register(static function (string $class): void {
    $name = strtolower($class);
    if ($name === 'gatewayworker\lib\gateway' || $name === 'gatewayclient\gateway') {
        require_once __DIR__ . '/compat/GatewayCall.php';
        require_once __DIR__ . '/compat/GatewayQueries.php';
        require_once __DIR__ . '/compat/GatewayWorker/Lib/Gateway.php';
        FpmBridge\Compat\GatewayCall::alias();
    }
}, true, true);
