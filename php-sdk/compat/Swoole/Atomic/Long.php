<?php

namespace Swoole\Atomic;

use FpmBridge\Shared\Counter;
use FpmBridge\Shared\Space;

/**
 * A signed integer of 64 bits, otherwise as Swoole\Atomic.
 */
class Long
{
    /** @var Counter */
    private $fpmbridge;

    /**
     * @param int $value counts when the bridge does not have it yet
     * @throws \Error when called twice on one object
     */
    public function __construct(int $value = 0)
    {
        if ($this->fpmbridge !== null) {
            throw new \Error('Constructor of ' . static::class . ' can only be called once');
        }
        $this->fpmbridge = Space::counter(64, $value);
    }

    /**
     * @return int the new value
     */
    public function add(int $add_value = 1): int
    {
        return $this->fpmbridge->add($add_value);
    }

    /**
     * @return int the new value
     */
    public function sub(int $sub_value = 1): int
    {
        return $this->fpmbridge->sub($sub_value);
    }

    public function get(): int
    {
        return $this->fpmbridge->get();
    }

    public function set(int $value): void
    {
        $this->fpmbridge->set($value);
    }

    /**
     * Sets $new_value if the value is $cmp_value.
     */
    public function cmpset(int $cmp_value, int $new_value): bool
    {
        return $this->fpmbridge->cmpset($cmp_value, $new_value);
    }

    /**
     * What print_r() and var_dump() show, as the extension.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo()
    {
        return [];
    }
}
