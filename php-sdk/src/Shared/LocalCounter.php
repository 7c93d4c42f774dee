<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * A counter of this run alone.
 */
final class LocalCounter implements Counter
{
    public int $bits;
    private int $value;

    /**
     * @param int $bits 32 unsigned, 64 signed
     */
    public function __construct(int $bits, int $value)
    {
        $this->bits = $bits;
        $this->value = $this->cut($value);
    }

    public function get(): int
    {
        return $this->value;
    }

    public function set(int $value): void
    {
        $this->value = $this->cut($value);
    }

    public function add(int $value): int
    {
        return $this->value = $this->cut(self::sum($this->value, $value));
    }

    public function sub(int $value): int
    {
        return $this->value = $this->cut(self::sum(self::sum($this->value, ~$value), 1));
    }

    public function cmpset(int $old, int $new): bool
    {
        if ($this->value !== $this->cut($old)) {
            return false;
        }
        $this->value = $this->cut($new);
        return true;
    }

    public function wait(float $timeout): bool
    {
        if ($this->value === 0 && $timeout > 0) {
            // Nobody else has it, so nobody can wake it up.
            usleep((int) ($timeout * 1e6));
        }
        if ($this->value !== 1) {
            return false;
        }
        $this->value = 0;
        return true;
    }

    public function wakeup(int $count): void
    {
        if ($this->value === 0) {
            $this->value = 1;
        }
    }

    /**
     * $a + $b in 64 bits, which wrap.
     */
    public static function sum(int $a, int $b): int
    {
        $sum = $a + $b;
        if (is_int($sum)) {
            return $sum;
        }
        $low = ($a & 0xFFFFFFFF) + ($b & 0xFFFFFFFF);
        $high = ($a >> 32) + ($b >> 32) + ($low >> 32);
        return (($high & 0xFFFFFFFF) << 32) | ($low & 0xFFFFFFFF);
    }

    private function cut(int $value): int
    {
        return $this->bits === 32 ? $value & 0xFFFFFFFF : $value;
    }
}
