<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

use FpmBridge\Event;
use FpmBridge\Wire;

/**
 * A counter that the bridge holds.
 */
final class BridgeCounter implements Counter
{
    private const GET = 1;
    private const SET = 2;
    private const ADD = 3;
    private const SUB = 4;
    private const CMPSET = 5;
    private const WAIT = 6;
    private const WAKEUP = 7;
    private const PEEK = 8;

    private Space $space;
    private int $key;
    private LocalCounter $first;

    /**
     * @param LocalCounter $first its value when the bridge does not have it yet
     */
    public function __construct(Space $space, int $key, LocalCounter $first)
    {
        $this->space = $space;
        $this->key = $key;
        $this->first = $first;
    }

    public function isThere(): bool
    {
        return $this->ask(self::PEEK, '')->code === 0;
    }

    public function get(): int
    {
        return $this->ask(self::GET, '')->fd;
    }

    public function set(int $value): void
    {
        $this->ask(self::SET, pack('J', $value));
    }

    public function add(int $value): int
    {
        return $this->ask(self::ADD, pack('J', $value))->fd;
    }

    public function sub(int $value): int
    {
        return $this->ask(self::SUB, pack('J', $value))->fd;
    }

    public function cmpset(int $old, int $new): bool
    {
        return $this->ask(self::CMPSET, pack('JJ', $old, $new))->code === 0;
    }

    public function wait(float $timeout): bool
    {
        return $this->ask(self::WAIT, pack('J', Space::micros($timeout)), $timeout)->code === 0;
    }

    public function wakeup(int $count): void
    {
        $this->ask(self::WAKEUP, pack('J', $count));
    }

    /**
     * The query that makes it, for a description.
     */
    public function definition(): string
    {
        $first = pack('J', $this->first->get());
        return Wire::pack(Wire::ATOMIC, 0, Space::DEFINE, 0, 0, $this->key, $this->first->bits, '', $first);
    }

    private function ask(int $operation, string $operands, float $wait = 0.0): Event
    {
        $data = pack('J', $this->first->get()) . $operands;
        return $this->space->ask(Wire::ATOMIC, $operation, $this->key, $this->first->bits, $data, $wait);
    }
}
