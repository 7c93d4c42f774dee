<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * A lock that belongs to a PHP run. Results are numbers of errno: 0 is done.
 */
interface Mutex
{
    public const DONE = 0;
    /** EPERM: this run does not hold it. */
    public const NOT_HOLDER = 1;
    /** EBUSY */
    public const BUSY = 16;
    /** EDEADLK: this run holds it already, and would wait for itself. */
    public const DEADLOCK = 35;
    /** ETIMEDOUT */
    public const TIMEOUT = 110;
    /** EINVAL: it was destroyed. */
    public const GONE = 22;

    /**
     * @param float $timeout seconds; 0: does not wait; below 0: for as long as the bridge lets anybody wait
     */
    public function lock(bool $shared, float $timeout): int;

    public function unlock(): int;

    public function destroy(): void;
}
