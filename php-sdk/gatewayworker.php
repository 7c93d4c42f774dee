<?php

/**
 * The one include for callers of GatewayWorker and GatewayClient outside of the bridge: their GatewayWorker\Lib\Gateway
 * and GatewayClient\Gateway reach fpmbridge, also if GatewayWorker is still installed. docs/gatewayworker.md.
 */

declare(strict_types=1);

require_once __DIR__ . '/client.php';

// At once: Composer's autoloader, which may know the original, puts itself before others.
if (!class_exists('FpmBridge\Compat\GatewayCall', false)) {
    if (class_exists('GatewayWorker\Lib\Gateway', false) || class_exists('GatewayClient\Gateway', false)) {
        throw new LogicException('GatewayWorker\'s own Gateway is loaded already: include ' . __FILE__ . ' before it');
    }
    require_once __DIR__ . '/compat/GatewayCall.php';
    require_once __DIR__ . '/compat/GatewayQueries.php';
    require_once __DIR__ . '/compat/GatewayWorker/Lib/Gateway.php';
    FpmBridge\Compat\GatewayCall::alias();
}
