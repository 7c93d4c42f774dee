<?php

namespace Swoole;

use FpmBridge\Shared\Mutex;
use FpmBridge\Shared\Space;

/**
 * A lock between PHP runs: created before start() it is one for all of them, and the bridge holds it; created in a
 * callback it belongs to that run. A run that ends, or dies, gives back what it holds.
 */
class Lock
{
    public const RWLOCK = 1;
    public const MUTEX = 3;
    public const SPINLOCK = 5;

    /** @var int of the last call: 0, 1 not ours, 16 busy, 22 destroyed, 35 it would wait for itself, 110 timed out */
    public $errCode = 0;

    /** @var Mutex */
    private $fpmbridge;

    /**
     * @param int $type RWLOCK, MUTEX or SPINLOCK
     * @throws Exception for another type
     * @throws \Error when called twice on one object
     */
    public function __construct(int $type = self::MUTEX)
    {
        if ($this->fpmbridge !== null) {
            throw new \Error('Constructor of ' . static::class . ' can only be called once');
        }
        if ($type !== self::RWLOCK && $type !== self::MUTEX && $type !== self::SPINLOCK) {
            throw new Exception('failed to create lock');
        }
        $this->fpmbridge = Space::mutex($type);
    }

    /**
     * @param int $operation LOCK_EX, or LOCK_SH beside other readers of a RWLOCK; with LOCK_NB it does not wait
     * @param float $timeout seconds; 0 and less: for ever, here until fpm.timeout
     * @return bool false: see $errCode
     */
    public function lock(int $operation = LOCK_EX, float $timeout = -1): bool
    {
        $wait = $timeout > 0 ? $timeout : -1;
        return $this->is($this->fpmbridge->lock(
            ($operation & 3) === LOCK_SH,
            ($operation & LOCK_NB) !== 0 ? 0 : $wait
        ));
    }

    public function unlock(): bool
    {
        return $this->is($this->fpmbridge->unlock());
    }

    /**
     * Of Swoole up to 6.0, as the others below.
     */
    public function trylock(): bool
    {
        return $this->is($this->fpmbridge->lock(false, 0));
    }

    public function lock_read(): bool
    {
        return $this->is($this->fpmbridge->lock(true, -1));
    }

    public function trylock_read(): bool
    {
        return $this->is($this->fpmbridge->lock(true, 0));
    }

    /**
     * @param float $timeout seconds
     */
    public function lockwait(float $timeout = 1.0): bool
    {
        return $this->is($this->fpmbridge->lock(false, $timeout > 0 ? $timeout : -1));
    }

    public function destroy(): void
    {
        $this->fpmbridge->destroy();
    }

    private function is(int $result): bool
    {
        $this->errCode = $result;
        return $result === Mutex::DONE;
    }

    /**
     * What print_r() and var_dump() show, as the extension.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo()
    {
        return ['errCode' => $this->errCode];
    }
}
