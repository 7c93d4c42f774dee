<?php

namespace Swoole\Coroutine;

/**
 * Waits for a number of coroutines to say done().
 */
class WaitGroup
{
    protected $chan;
    protected $count = 0;
    protected $waiting = false;

    public function __construct(int $delta = 0)
    {
        $this->chan = new Channel(1);
        if ($delta > 0) {
            $this->add($delta);
        }
    }

    /**
     * @throws \BadMethodCallException while somebody waits
     * @throws \InvalidArgumentException below 0
     */
    public function add(int $delta = 1): void
    {
        if ($this->waiting) {
            throw new \BadMethodCallException('WaitGroup misuse: add called concurrently with wait');
        }
        if ($this->count + $delta < 0) {
            throw new \InvalidArgumentException('WaitGroup misuse: negative counter');
        }
        $this->count += $delta;
    }

    /**
     * @throws \BadMethodCallException below 0
     */
    public function done(): void
    {
        if ($this->count < 1) {
            throw new \BadMethodCallException('WaitGroup misuse: negative counter');
        }
        $this->count--;
        if ($this->count === 0 && $this->waiting) {
            $this->chan->push(true);
        }
    }

    /**
     * @param float $timeout seconds; 0 and less: no limit
     * @return bool false after the time
     * @throws \BadMethodCallException when somebody waits already
     */
    public function wait(float $timeout = -1): bool
    {
        if ($this->waiting) {
            throw new \BadMethodCallException('WaitGroup misuse: reused before previous wait has returned');
        }
        if ($this->count === 0) {
            return true;
        }
        $this->waiting = true;
        $done = $this->chan->pop($timeout);
        $this->waiting = false;
        return (bool) $done;
    }

    public function count(): int
    {
        return $this->count;
    }
}
