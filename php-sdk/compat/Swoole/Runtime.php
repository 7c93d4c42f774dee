<?php

namespace Swoole;

use FpmBridge\Compat\Scheduler;

/**
 * Hooks are accepted and kept: PHP's blocking calls block all coroutines of the event all the same.
 */
class Runtime
{
    /** SWOOLE_HOOK_ALL, and OpenSwoole's constants. */
    public const HOOK_ALL = 2143285247;
    public const HOOK_TCP = 2;
    public const HOOK_UDP = 4;
    public const HOOK_UNIX = 8;
    public const HOOK_UDG = 16;
    public const HOOK_SSL = 32;
    public const HOOK_TLS = 64;
    public const HOOK_STREAM_FUNCTION = 128;
    public const HOOK_FILE = 256;
    public const HOOK_SLEEP = 512;
    public const HOOK_PROC = 1024;
    public const HOOK_CURL = 2048;
    public const HOOK_NATIVE_CURL = 4096;
    public const HOOK_BLOCKING_FUNCTION = 8192;
    public const HOOK_SOCKETS = 16384;
    public const HOOK_STDIO = 32768;

    /**
     * @param int|bool $flags SWOOLE_HOOK_*; a bool as in Swoole 4: all or none, then the flags come second
     */
    public static function enableCoroutine($flags = self::HOOK_ALL): bool
    {
        if (is_bool($flags)) {
            $flags = $flags ? (func_num_args() > 1 ? (int) func_get_arg(1) : self::HOOK_ALL) : 0;
        }
        return self::setHookFlags((int) $flags);
    }

    public static function setHookFlags(int $flags): bool
    {
        $scheduler = Scheduler::get();
        $scheduler->options['hook_flags'] = $flags;
        return true;
    }

    public static function getHookFlags(): int
    {
        return (int) (Scheduler::get()->options['hook_flags'] ?? 0);
    }
}
