<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * An integer that several PHP runs change at once: what Swoole\Atomic and Swoole\Atomic\Long stand on.
 */
interface Counter
{
    public function get(): int;

    public function set(int $value): void;

    /**
     * @return int the new value; it wraps
     */
    public function add(int $value): int;

    /**
     * @return int the new value; it wraps
     */
    public function sub(int $value): int;

    /**
     * Sets $new if the value is $old.
     */
    public function cmpset(int $old, int $new): bool;

    /**
     * With value 1 sets 0 and returns true; with 0 waits for a wakeup(); with another value returns false.
     *
     * @param float $timeout seconds; below 0: for as long as the bridge lets anybody wait
     */
    public function wait(float $timeout): bool;

    /**
     * With value 0 sets 1 and lets $count of those go that wait; with another value does nothing.
     */
    public function wakeup(int $count): void;
}
