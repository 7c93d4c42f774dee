<?php

namespace Swoole;

use FpmBridge\Shared\Counter;
use FpmBridge\Shared\Space;

/**
 * An unsigned integer of 32 bits. Created before start() it is one for all runs, and the bridge holds it; created in a
 * callback it belongs to that run, as in Swoole after the fork.
 */
class Atomic
{
    /** @var Counter */
    private $fpmbridge;

    /**
     * @param int $value counts when the bridge does not have it yet
     * @throws \Error when called twice on one object
     */
    public function __construct(int $value = 0)
    {
        if ($this->fpmbridge !== null) {
            throw new \Error('Constructor of ' . static::class . ' can only be called once');
        }
        $this->fpmbridge = Space::counter(32, $value);
    }

    /**
     * @return int the new value
     */
    public function add(int $add_value = 1): int
    {
        return $this->fpmbridge->add($add_value);
    }

    /**
     * @return int the new value
     */
    public function sub(int $sub_value = 1): int
    {
        return $this->fpmbridge->sub($sub_value);
    }

    public function get(): int
    {
        return $this->fpmbridge->get();
    }

    public function set(int $value): void
    {
        $this->fpmbridge->set($value);
    }

    /**
     * Sets $new_value if the value is $cmp_value.
     */
    public function cmpset(int $cmp_value, int $new_value): bool
    {
        return $this->fpmbridge->cmpset($cmp_value & 0xFFFFFFFF, $new_value);
    }

    /**
     * With value 1 sets 0 and returns true; with 0 waits for wakeup(); with another value returns false.
     *
     * @param float $timeout seconds; below 0: for ever, here until fpm.timeout
     */
    public function wait(float $timeout = 1.0): bool
    {
        return $this->fpmbridge->wait($timeout);
    }

    /**
     * With value 0 sets 1 and lets $count of those go that wait.
     */
    public function wakeup(int $count = 1): bool
    {
        $this->fpmbridge->wakeup($count);
        return true;
    }

    /**
     * What print_r() and var_dump() show, as the extension.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo()
    {
        return [];
    }
}
