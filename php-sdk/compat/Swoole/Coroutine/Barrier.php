<?php

namespace Swoole\Coroutine;

use FpmBridge\Compat\Routine;
use FpmBridge\Compat\Scheduler;

/**
 * Waits until all coroutines that hold it have let it go: it counts on PHP's references.
 */
class Barrier
{
    /** @var Routine|null who waits */
    private $waiter = null;
    /** @var \stdClass|null whether it is gone */
    private $state = null;

    public function __destruct()
    {
        if ($this->state === null) {
            return;
        }
        $this->state->gone = true;
        $scheduler = Scheduler::get();
        if ($this->waiter !== $scheduler->current() && $this->waiter->turn === $this->state->turn) {
            $scheduler->wake($this->waiter);
        }
    }

    /**
     * @return self
     */
    public static function make()
    {
        return new self();
    }

    /**
     * @param Barrier $barrier null afterwards
     * @param float $timeout seconds; 0 and less: no limit
     * @throws \Swoole\Exception when somebody waits already
     */
    public static function wait(Barrier &$barrier, float $timeout = -1): void
    {
        if ($barrier->state !== null) {
            throw new \Swoole\Exception('The barrier is waiting, cannot wait again.');
        }
        $scheduler = Scheduler::get();
        $barrier->waiter = $scheduler->here();
        $barrier->state = $state = new \stdClass();
        $state->gone = false;
        $state->turn = $barrier->waiter->turn + 1;
        $barrier = null;
        if (!$state->gone) {
            $scheduler->wait($timeout > 0 ? $timeout : null);
        }
    }
}
