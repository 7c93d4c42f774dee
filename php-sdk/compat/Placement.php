<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use Swoole\Server;

/**
 * dispatch_mode: which worker gets an event. The bridge does it; here is what it means for the script. Not loaded
 * without the setting.
 */
final class Placement
{
    private const FD = 2;
    private const IP = 4;
    private const USER = 6;
    private const LIGHTEST = 8;
    private const MOST = 10;

    /** Events that would have no order with those that other workers handle. */
    private const UNSAFE = [
        'connect' => 'onConnect', 'close' => 'onClose', 'disconnect' => 'onDisconnect',
        'bufferfull' => 'onBufferFull', 'bufferempty' => 'onBufferEmpty',
    ];

    /**
     * Takes away the callbacks that the extension takes away (master.cc): in PROCESS mode, when events of one
     * connection go to several workers.
     *
     * @param array<string, mixed> $settings
     */
    public static function apply(Server $server, State $state, array $settings): void
    {
        $mode = (int) $settings['dispatch_mode'];
        $hashes = in_array($mode, [self::FD, self::IP, self::USER, self::LIGHTEST], true) || !self::exists($mode);
        if ($hashes || $server->mode !== Values::PROCESS || !empty($settings['enable_unsafe_event'])) {
            return;
        }
        foreach ($state->ports($server) as $port) {
            foreach (self::UNSAFE as $name => $called) {
                if ($port->silence($name)) {
                    $state->warnings[] = "cannot set '$called' event when using dispatch_mode=$mode:"
                        . ' it does not come, as in Swoole. Set enable_unsafe_event to get it'
                        . Boot::at($state, 'dispatch_mode');
                }
            }
        }
        $state->warnings = array_values(array_unique($state->warnings));
    }

    /**
     * What is not carried out as it is asked for.
     *
     * @param array<string, mixed> $settings
     * @return list<string>
     */
    public static function notes(array $settings, State $state): array
    {
        $mode = (int) ($settings['dispatch_mode'] ?? self::FD);
        if (!empty($settings['dispatch_func']) || $mode === self::USER) {
            return ['dispatch_func: the bridge does not run PHP to choose a worker. A connection belongs to the worker'
                . ' fd % worker_num, as with dispatch_mode 2; mode 5 and bind() let the script choose'
                . Boot::at($state, empty($settings['dispatch_func']) ? 'dispatch_mode' : 'dispatch_func')];
        }
        return self::exists($mode)
            ? [] : ["dispatch_mode: there is no mode $mode, 2 is used" . Boot::at($state, 'dispatch_mode')];
    }

    private static function exists(int $mode): bool
    {
        return $mode >= 1 && $mode <= self::MOST;
    }
}
