<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use Fiber;
use Swoole\Coroutine\Context;
use Throwable;

/**
 * A coroutine. The callback itself is one, too: in request mode it has no fiber.
 */
final class Routine
{
    public int $cid;
    /** Who created it, -1: nobody. */
    public int $parent;
    public float $since;
    public ?Fiber $fiber = null;
    /** It is a callback of a resident worker. */
    public bool $callback = false;

    /** @var callable|null what it calls, while that runs; null: it is a callback */
    public $function = null;

    /** @var array{callable, list<mixed>}|null what it is to call, until it runs */
    public ?array $call = null;

    /** It belongs to the whole run, not to one event: made in workerStart. */
    public bool $lasting;

    public bool $waiting = false;
    /** It waits for Coroutine::resume(), not for anything else. */
    public bool $yielded = false;
    /** Counts its waits: a timeout of an earlier one is void. */
    public int $turn = 0;
    /** Scheduler::WOKEN, TIMEOUT or CANCELED. */
    public int $why = 0;
    public bool $canceled = false;
    /** To be thrown where it waits. */
    public ?Throwable $throws = null;

    /** When its waits end with $exceeded, null: never. */
    public ?float $limit = null;
    public ?Throwable $exceeded = null;

    /** @var list<callable> */
    public array $defers = [];

    /** @var list<array{self, int}> who waits for its end, and in which turn */
    public array $joiners = [];

    public ?Context $context = null;

    public function __construct(int $cid, int $parent, bool $lasting)
    {
        $this->cid = $cid;
        $this->parent = $parent;
        $this->lasting = $lasting;
        $this->since = microtime(true);
    }
}
