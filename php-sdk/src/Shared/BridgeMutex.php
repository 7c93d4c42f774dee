<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

use FpmBridge\Wire;

/**
 * A lock that the bridge holds. What is done before start() stays in this run, as nobody else could be waiting then.
 */
final class BridgeMutex implements Mutex
{
    public const RELEASE = 4;

    private const EXCLUSIVE = 1;
    private const SHARED = 2;
    private const UNLOCK = 3;
    private const DESTROY = 5;

    /** Code of a reply => result. */
    private const RESULTS = [
        0 => self::DONE, 403 => self::NOT_HOLDER, 408 => self::TIMEOUT, 409 => self::DEADLOCK, 410 => self::GONE,
        423 => self::BUSY,
    ];

    private Space $space;
    private int $key;
    private int $type;
    private LocalMutex $first;

    public function __construct(Space $space, int $key, int $type)
    {
        $this->space = $space;
        $this->key = $key;
        $this->type = $type;
        $this->first = new LocalMutex($type);
    }

    public function lock(bool $shared, float $timeout): int
    {
        if (!$this->space->isOpen()) {
            return $this->first->lock($shared, $timeout);
        }
        $result = $this->ask($shared ? self::SHARED : self::EXCLUSIVE, pack('J', Space::micros($timeout)), $timeout);
        if ($result === self::DONE) {
            $this->space->locked(1);
        } elseif ($result === self::TIMEOUT && $timeout < 0) {
            Space::log('a lock was waited for as long as a request may take: it is held for too long, or in a circle');
        }
        return $result;
    }

    public function unlock(): int
    {
        if (!$this->space->isOpen()) {
            return $this->first->unlock();
        }
        $result = $this->ask(self::UNLOCK, '', 0.0);
        if ($result === self::DONE) {
            $this->space->locked(-1);
        }
        return $result;
    }

    public function destroy(): void
    {
        if ($this->space->isOpen()) {
            $this->ask(self::DESTROY, '', 0.0);
        } else {
            $this->first->destroy();
        }
    }

    /**
     * The query that makes it, for a description.
     */
    public function definition(): string
    {
        return Wire::pack(Wire::LOCK, 0, Space::DEFINE, 0, 0, $this->key, $this->type);
    }

    private function ask(int $operation, string $data, float $wait): int
    {
        return self::RESULTS[$this->space->ask(Wire::LOCK, $operation, $this->key, $this->type, $data, $wait)->code];
    }
}
