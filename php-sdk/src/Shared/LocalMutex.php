<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * A lock of this run alone: nobody else can hold it, or give it back while this run waits.
 */
final class LocalMutex implements Mutex
{
    private const RWLOCK = 1;

    private bool $rw;
    private bool $exclusive = false;
    private int $readers = 0;
    private bool $gone = false;

    /**
     * @param int $type 1 read-write, 3 mutex, 5 spinlock
     */
    public function __construct(int $type)
    {
        $this->rw = $type === self::RWLOCK;
    }

    public function lock(bool $shared, float $timeout): int
    {
        if ($this->gone) {
            return self::GONE;
        }
        $shared = $shared && $this->rw;
        if (!$this->exclusive && ($shared || $this->readers === 0)) {
            if ($shared) {
                $this->readers++;
            } else {
                $this->exclusive = true;
            }
            return self::DONE;
        }
        if ($timeout < 0) {
            return self::DEADLOCK;
        }
        if ($timeout > 0) {
            usleep((int) ($timeout * 1e6));
            return self::TIMEOUT;
        }
        return self::BUSY;
    }

    public function unlock(): int
    {
        if ($this->gone) {
            return self::GONE;
        }
        if ($this->exclusive) {
            $this->exclusive = false;
        } elseif ($this->readers > 0) {
            $this->readers--;
        } else {
            return self::NOT_HOLDER;
        }
        return self::DONE;
    }

    public function destroy(): void
    {
        $this->gone = true;
    }
}
