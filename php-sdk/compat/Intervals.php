<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use Swoole\Server;
use Swoole\Timer;

/**
 * Timers of Swoole 1: `$server->addtimer(1000)` has the `timer` event come each second, with the interval as its second
 * argument, and `deltimer(1000)` ends that. Not loaded before a script asks for one.
 */
final class Intervals
{
    /**
     * @param mixed $interval in ms
     * @return bool false, with a warning, without a callback for `timer`, and where there are no timers
     */
    public static function add(Server $server, State $state, $interval): bool
    {
        $callback = $state->callbacks['timer'] ?? null;
        if ($callback === null) {
            return Loader::warn('Swoole\Server::addtimer', 'onTimer is null, can not use timer');
        }
        $interval = (int) $interval;
        if (isset($state->intervals[$interval])) {
            return Loader::warn('Swoole\Server::addtimer', "there is a timer of $interval ms already");
        }
        $id = Timer::tick($interval, static function () use ($server, $callback, $interval): void {
            $callback($server, $interval);
        });
        if ($id === false) {
            return false;
        }
        $state->intervals[$interval] = $id;
        return true;
    }

    /**
     * @param mixed $interval that of add()
     */
    public static function remove(State $state, $interval): bool
    {
        $id = $state->intervals[(int) $interval] ?? null;
        unset($state->intervals[(int) $interval]);
        return $id !== null && Timer::clear($id);
    }
}
