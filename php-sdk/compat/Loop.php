<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use Closure;
use FpmBridge\Runtime;
use FpmBridge\Waits;
use SplMinHeap;

/**
 * What the coroutines of an event wait for: their turn, a time. It runs where nothing else does: when the callback
 * waits, and when it is over. In a resident worker it is a part of the worker's loop (Waits).
 */
final class Loop implements Waits
{
    private Scheduler $scheduler;

    /** @var list<Routine> to be continued */
    private array $ready = [];

    /** @var SplMinHeap<array{float, int, Routine, int}> time, order, who, its turn */
    private SplMinHeap $sleepers;
    private int $order = 0;

    /** @var list<callable> */
    private array $deferred = [];

    /** @var list<Closure(): void> a resident worker's round: what it is to do */
    private array $tasks = [];

    /** @var callable|null */
    private $before = null;

    /** @var callable|null */
    private $after = null;

    public function __construct(Scheduler $scheduler)
    {
        $this->scheduler = $scheduler;
        $this->sleepers = new SplMinHeap();
    }

    /**
     * A coroutine goes on in a later round.
     *
     * @param bool $next before all others
     */
    public function ready(Routine $routine, bool $next = false): void
    {
        if ($next) {
            array_unshift($this->ready, $routine);
        } else {
            $this->ready[] = $routine;
        }
    }

    /**
     * It is next no more.
     */
    public function withdraw(): void
    {
        array_shift($this->ready);
    }

    /**
     * The wait that a coroutine is in ends at a time, if nothing ends it before.
     */
    public function sleep(Routine $routine, float $seconds): void
    {
        $this->sleepers->insert([microtime(true) + $seconds, $this->order++, $routine, $routine->turn]);
    }

    /**
     * A function for the next round.
     */
    public function defer(callable $function): void
    {
        $this->deferred[] = $function;
    }

    /**
     * A function for each round, null: none.
     */
    public function cycle(?callable $function, bool $before): void
    {
        if ($before) {
            $this->before = $function;
        } else {
            $this->after = $function;
        }
    }

    public function hasDeferred(): bool
    {
        return $this->deferred !== [];
    }

    /**
     * @param callable(): bool $over
     * @return bool false when nothing can happen any more
     */
    public function run(callable $over): bool
    {
        while (!$over()) {
            if (!$this->round() && $this->deferred === []) {
                return $over();
            }
        }
        return true;
    }

    /**
     * @return bool false when nothing could be done
     */
    public function round(): bool
    {
        if ($this->before !== null) {
            ($this->before)();
        }
        $deferred = $this->deferred;
        $this->deferred = [];
        foreach ($deferred as $function) {
            $this->scheduler->create($function, []);
        }
        $busy = $deferred !== [] || $this->step();
        if ($this->after !== null) {
            ($this->after)();
        }
        $this->scheduler->check();
        return $busy;
    }

    /**
     * Only those coroutines are left.
     *
     * @param array<int, Routine> $kept by cid
     */
    public function keep(array $kept): void
    {
        $waits = new SplMinHeap();
        foreach ($this->sleepers as $sleeper) {
            if (isset($kept[$sleeper[2]->cid])) {
                $waits->insert($sleeper);
            }
        }
        $this->sleepers = $waits;
        $this->ready = array_values(array_filter(
            $this->ready,
            static fn(Routine $one): bool => isset($kept[$one->cid])
        ));
        $this->deferred = [];
        $this->before = $this->after = null;
    }

    /**
     * Calls what was deferred so far.
     */
    public function undefer(): void
    {
        $deferred = $this->deferred;
        $this->deferred = [];
        foreach ($deferred as $function) {
            $this->scheduler->create($function, []);
        }
    }

    public function next(): ?int
    {
        if ($this->tasks !== [] || $this->ready !== [] || $this->deferred !== []) {
            return 0;
        }
        $sleeper = $this->sleeper();
        return $sleeper === null ? null : hrtime(true) + (int) (($sleeper[0] - microtime(true)) * 1e9);
    }

    public function begin(): void
    {
        if ($this->before !== null) {
            $this->tasks[] = Closure::fromCallable($this->before);
        }
        if ($this->deferred !== []) {
            $this->tasks[] = function (): void {
                $this->undefer();
            };
        }
        foreach ($this->ready as $routine) {
            $this->tasks[] = function () use ($routine): void {
                $this->scheduler->enter($routine);
            };
        }
        $this->ready = [];
        $now = microtime(true);
        while (($sleeper = $this->sleeper()) !== null && $sleeper[0] <= $now) {
            $this->sleepers->extract();
            [, , $routine, $turn] = $sleeper;
            $this->tasks[] = function () use ($routine, $turn): void {
                if ($routine->waiting && $routine->turn === $turn) {
                    $this->scheduler->wake($routine, Scheduler::TIMEOUT);
                }
            };
        }
        if ($this->after !== null) {
            $this->tasks[] = Closure::fromCallable($this->after);
        }
    }

    public function take(): ?Closure
    {
        return array_shift($this->tasks);
    }

    public function isBusy(bool $told): bool
    {
        return $this->scheduler->routines->count() > 0;
    }

    /**
     * Who wakes up first.
     *
     * @return array{float, int, Routine, int}|null
     */
    private function sleeper(): ?array
    {
        while (!$this->sleepers->isEmpty()) {
            $sleeper = $this->sleepers->top();
            if ($sleeper[2]->waiting && $sleeper[2]->turn === $sleeper[3]) {
                return $sleeper;
            }
            $this->sleepers->extract();
        }
        return null;
    }

    /**
     * Continues one coroutine; sleeps if none can go on yet.
     *
     * @return bool false when none will
     */
    private function step(): bool
    {
        if ($this->ready !== []) {
            $this->scheduler->enter(array_shift($this->ready));
            return true;
        }
        while (!$this->sleepers->isEmpty()) {
            [$time, , $routine, $turn] = $this->sleepers->top();
            if (!$routine->waiting || $routine->turn !== $turn) {
                $this->sleepers->extract();
                continue;
            }
            $left = $time - microtime(true);
            if ($left > 0) {
                usleep((int) ceil($left * 1e6));
                $run = Runtime::current();
                if ($run !== null) {
                    $run->forgetConnections();
                }
                return true;
            }
            $this->sleepers->extract();
            $this->scheduler->wake($routine, Scheduler::TIMEOUT);
            return true;
        }
        return false;
    }
}
