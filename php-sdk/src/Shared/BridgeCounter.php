<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

use FpmBridge\Event;
use FpmBridge\Wire;

/**
 * A counter that the bridge holds. Until start() what is changed goes into its first value, which counts only if the
 * bridge does not have the counter yet.
 */
final class BridgeCounter implements Counter
{
    private Space $space;
    private int $key;
    private LocalCounter $first;

    public function __construct(Space $space, int $key, LocalCounter $first)
    {
        $this->space = $space;
        $this->key = $key;
        $this->first = $first;
    }

    public function get(): int
    {
        return $this->space->asks() ? $this->ask(Space::GET, '')->fd : $this->first->get();
    }

    public function set(int $value): void
    {
        if ($this->space->isOpen()) {
            $this->ask(Space::SET, pack('J', $value));
        } else {
            $this->first->set($value);
        }
    }

    public function add(int $value): int
    {
        return $this->space->isOpen() ? $this->ask(Space::ADD, pack('J', $value))->fd : $this->first->add($value);
    }

    public function sub(int $value): int
    {
        return $this->space->isOpen() ? $this->ask(Space::SUB, pack('J', $value))->fd : $this->first->sub($value);
    }

    public function cmpset(int $old, int $new): bool
    {
        return $this->space->isOpen()
            ? $this->ask(Space::CMPSET, pack('JJ', $old, $new))->code === 0
            : $this->first->cmpset($old, $new);
    }

    public function wait(float $timeout): bool
    {
        return $this->space->isOpen()
            ? $this->ask(Space::WAIT, pack('J', Space::micros($timeout)), $timeout)->code === 0
            : $this->first->wait(0);
    }

    public function wakeup(int $count): void
    {
        if ($this->space->isOpen()) {
            $this->ask(Space::WAKEUP, pack('J', $count));
        } else {
            $this->first->wakeup($count);
        }
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
