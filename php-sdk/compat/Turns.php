<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * Who may answer a request in a resident worker: at most worker_max_concurrency at a time, the others wait in the order
 * in which they came. A request has its turn until its response is over, as in Swoole (swoole_http_server.cc,
 * onBeforeRequest and onAfterResponse).
 */
final class Turns
{
    private int $taken = 0;

    /** @var array<int, Routine> by cid, first come first served */
    private array $waiting = [];

    /**
     * Waits for a turn. Where callbacks are no coroutines nobody can wait: what comes then has its turn at once.
     *
     * @return Turn gives it back when it is gone
     */
    public function take(int $most): Turn
    {
        if ($this->taken < $most) {
            $this->taken++;
            return new Turn($this);
        }
        $scheduler = Scheduler::get();
        $me = $scheduler->current();
        if ($me === null || $me->fiber === null) {
            $this->taken++;
            return new Turn($this);
        }
        $this->waiting[$me->cid] = $me;
        do {
            $scheduler->wait(null);
        } while (isset($this->waiting[$me->cid])); // somebody else woke it
        return new Turn($this);
    }

    /**
     * Gives a turn to whoever waits longest.
     */
    public function pass(): void
    {
        $next = array_key_first($this->waiting);
        if ($next === null) {
            $this->taken--;
            return;
        }
        $routine = $this->waiting[$next];
        unset($this->waiting[$next]);
        Scheduler::get()->soon($routine);
    }

    /**
     * How many requests are with the worker, those that wait among them.
     */
    public function count(): int
    {
        return $this->taken + count($this->waiting);
    }
}
