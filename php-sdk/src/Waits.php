<?php

declare(strict_types=1);

namespace FpmBridge;

use Closure;

/**
 * What a resident worker has to do at a time of its own, beside events: timers, coroutines that sleep.
 */
interface Waits
{
    /**
     * When there is something to do, in nanoseconds of hrtime(true); 0: now; null: nothing waits for a time.
     */
    public function next(): ?int;

    /**
     * A round of the loop begins: take() gives what is due now, and nothing that becomes due meanwhile.
     */
    public function begin(): void;

    /**
     * The next thing to do in this round; null: that is all.
     *
     * @return (Closure(): void)|null
     */
    public function take(): ?Closure;

    /**
     * Whether the end of the worker should wait for something.
     *
     * @param bool $told workerExit is called, which can put an end to what would go on for ever
     */
    public function isBusy(bool $told): bool;
}
