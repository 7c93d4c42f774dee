<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * A counter that all runs share. Until start() what is changed goes into its first value, which counts only if nobody
 * has the counter yet: that code runs for each event. What is read there is what all share, if there is such.
 */
final class SeededCounter implements Counter
{
    private Space $space;
    private LocalCounter $first;

    /** @var BridgeCounter|ApcuCounter */
    private Counter $shared;

    /**
     * @param BridgeCounter|ApcuCounter $shared made with $first
     */
    public function __construct(Space $space, LocalCounter $first, Counter $shared)
    {
        $this->space = $space;
        $this->first = $first;
        $this->shared = $shared;
    }

    public function get(): int
    {
        return $this->space->isOpen() || $this->space->asks() && $this->shared->isThere()
            ? $this->shared->get()
            : $this->first->get();
    }

    public function set(int $value): void
    {
        $this->counter()->set($value);
    }

    public function add(int $value): int
    {
        return $this->counter()->add($value);
    }

    public function sub(int $value): int
    {
        return $this->counter()->sub($value);
    }

    public function cmpset(int $old, int $new): bool
    {
        return $this->counter()->cmpset($old, $new);
    }

    public function wait(float $timeout): bool
    {
        // Before start() there is nobody who could wake it up.
        return $this->space->isOpen() ? $this->shared->wait($timeout) : $this->first->wait(0);
    }

    public function wakeup(int $count): void
    {
        $this->counter()->wakeup($count);
    }

    private function counter(): Counter
    {
        return $this->space->isOpen() ? $this->shared : $this->first;
    }
}
