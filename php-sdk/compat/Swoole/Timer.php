<?php

namespace Swoole;

use FpmBridge\Unsupported;

/**
 * A timer needs a process that stays. Every method throws.
 */
class Timer
{
    /**
     * @throws Unsupported always
     */
    public static function __callStatic($name, $arguments)
    {
        throw new Unsupported("Swoole\\Timer::$name() needs a PHP process that stays: use --mode resident (not in this"
            . ' version yet)');
    }
}
