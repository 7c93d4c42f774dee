<?php

namespace Swoole\Coroutine;

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Scheduler;

/**
 * A lock between the coroutines of one event. The coroutine that holds it may lock it again.
 */
class Lock
{
    private const OUT_OF_COROUTINE = 10001;
    private const CANCELED = 10017;
    private const BUSY = 16;

    public $errCode = 0;
    private $holder = 0;
    private $waiting = [];

    /**
     * @param bool $shared between processes: not here, a coroutine ends with its event
     */
    public function __construct(bool $shared = false)
    {
    }

    /**
     * @param int $operation LOCK_EX or LOCK_SH, or-ed with LOCK_NB: do not wait
     * @return bool false: errCode says why
     */
    public function lock(int $operation = LOCK_EX): bool
    {
        $scheduler = Scheduler::get();
        $me = $scheduler->current();
        $this->errCode = 0;
        if ($me === null) {
            $this->errCode = self::OUT_OF_COROUTINE;
            return Loader::fail(self::OUT_OF_COROUTINE);
        }
        while ($this->holder !== 0 && $this->holder !== $me->cid) {
            if (($operation & LOCK_NB) !== 0) {
                $this->errCode = self::BUSY;
                return false;
            }
            $this->waiting[$me->cid] = $me;
            $why = $scheduler->wait(null);
            unset($this->waiting[$me->cid]);
            if ($why !== Scheduler::WOKEN) {
                $this->errCode = self::CANCELED;
                return Loader::fail(self::CANCELED);
            }
        }
        $this->holder = $me->cid;
        return true;
    }

    public function unlock(): bool
    {
        $scheduler = Scheduler::get();
        $this->errCode = 0;
        if ($scheduler->current() === null) {
            $this->errCode = self::OUT_OF_COROUTINE;
            return Loader::fail(self::OUT_OF_COROUTINE);
        }
        $this->holder = 0;
        if ($this->waiting !== []) {
            $first = reset($this->waiting);
            unset($this->waiting[$first->cid]);
            $scheduler->wake($first);
        }
        return true;
    }
}
