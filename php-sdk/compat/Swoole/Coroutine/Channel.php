<?php

namespace Swoole\Coroutine;

use FpmBridge\Compat\Routine;
use FpmBridge\Compat\Scheduler;

/**
 * A queue between coroutines of one event.
 */
class Channel
{
    private const CLOSED = -2;

    public $capacity = 0;
    /** SWOOLE_CHANNEL_OK, _TIMEOUT, _CLOSED or _CANCELED: of the last push() or pop(). */
    public $errCode = 0;

    private $queue = [];
    private $closed = false;
    /** @var array<int, Routine> by cid, first come first served */
    private $consumers = [];
    private $producers = [];

    /**
     * @param int $size how many values it holds, at least 1
     * @param mixed $named capacity: its name in OpenSwoole
     */
    public function __construct(int $size = 1, ...$named)
    {
        if ($named !== []) {
            [$size] = \FpmBridge\Compat\Named::values($named, ['capacity' => $size]);
        }
        $this->capacity = max(1, $size);
    }

    /**
     * Waits while the channel is full.
     *
     * @param float $timeout seconds; 0 and less: no limit
     * @return bool false: errCode says why
     */
    public function push($data, float $timeout = -1): bool
    {
        $scheduler = Scheduler::get();
        $me = $scheduler->here();
        $this->errCode = 0;
        if ($this->closed) {
            $this->errCode = self::CLOSED;
            return false;
        }
        $wait = $this->isFull() || $this->producers !== [];
        while ($wait) {
            $this->producers[$me->cid] = $me;
            $why = $scheduler->wait($timeout > 0 ? $timeout : null);
            unset($this->producers[$me->cid]);
            if ($why !== Scheduler::WOKEN || $this->closed) {
                $this->errCode = $why !== Scheduler::WOKEN ? $why : self::CLOSED;
                return false;
            }
            $wait = $this->isFull();
        }
        $this->queue[] = $data;
        $this->notify($scheduler, $this->consumers);
        return true;
    }

    /**
     * Waits while the channel is empty. A closed one still gives what it holds.
     *
     * @param float $timeout seconds; 0 and less: no limit
     * @return mixed false: errCode says why
     */
    public function pop(float $timeout = -1)
    {
        $scheduler = Scheduler::get();
        $me = $scheduler->here();
        $this->errCode = 0;
        if ($this->queue === [] && $this->closed) {
            $this->errCode = self::CLOSED;
            return false;
        }
        $wait = $this->queue === [] || $this->consumers !== [];
        while ($wait) {
            $this->consumers[$me->cid] = $me;
            $why = $scheduler->wait($timeout > 0 ? $timeout : null);
            unset($this->consumers[$me->cid]);
            if ($why !== Scheduler::WOKEN || ($this->queue === [] && $this->closed)) {
                $this->errCode = $why !== Scheduler::WOKEN ? $why : self::CLOSED;
                return false;
            }
            $wait = $this->queue === [];
        }
        $data = array_shift($this->queue);
        $this->notify($scheduler, $this->producers);
        return $data;
    }

    /**
     * All who wait are woken, push() fails from now on.
     */
    public function close(): bool
    {
        if ($this->closed) {
            return false;
        }
        $this->closed = true;
        $scheduler = Scheduler::get();
        while ($this->producers !== [] || $this->consumers !== []) {
            $this->notify($scheduler, $this->producers);
            $this->notify($scheduler, $this->consumers);
        }
        return true;
    }

    public function isEmpty(): bool
    {
        return $this->queue === [];
    }

    public function isFull(): bool
    {
        return count($this->queue) >= $this->capacity;
    }

    public function length(): int
    {
        return count($this->queue);
    }

    public function stats(): array
    {
        return [
            'consumer_num' => count($this->consumers),
            'producer_num' => count($this->producers),
            'queue_num' => count($this->queue),
        ];
    }

    /**
     * @param array<int, Routine> $waiting
     */
    private function notify(Scheduler $scheduler, array &$waiting): void
    {
        if ($waiting !== []) {
            $first = reset($waiting);
            unset($waiting[$first->cid]);
            $scheduler->wake($first);
        }
    }

    /**
     * What print_r() and var_dump() show, as the extension.
     *
     * @return array<string, int>
     */
    public function __debugInfo()
    {
        return ['capacity' => $this->capacity, 'errCode' => $this->errCode];
    }
}
