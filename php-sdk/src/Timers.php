<?php

declare(strict_types=1);

namespace FpmBridge;

use Closure;
use SplMinHeap;

/**
 * A worker's timers, after Swoole's src/core/timer.cc: ids count from 1, ticks stay on the grid of their interval, and
 * those that were missed are dropped.
 */
final class Timers implements Waits
{
    private const MS = 1000000;

    /** @var Closure(): int nanoseconds */
    private Closure $clock;

    /** When the first timer was made, nanoseconds. */
    private int $start;

    /** The time of the round, nanoseconds. */
    private int $now;
    private int $rounds = 0;
    private int $last = 0;

    /**
     * due (nanoseconds), count (how often it ran), interval (ms, 0: once), round (that it was made in), callback,
     * arguments.
     *
     * @var array<int, array{
     *     due: int, count: int, interval: int, round: int, callback: callable, arguments: list<mixed>
     * }>
     */
    private array $timers = [];

    /** @var SplMinHeap<array{int, int}> when, id; one that is out of date is passed over */
    private SplMinHeap $queue;

    /**
     * @param (Closure(): int)|null $clock for tests: nanoseconds
     */
    public function __construct(?Closure $clock = null)
    {
        $this->clock = $clock ?? static fn(): int => hrtime(true);
        $this->start = $this->now = ($this->clock)();
        $this->queue = new SplMinHeap();
    }

    /**
     * @param int $ms 1 or more
     * @param callable $callback gets the id first if it runs again
     * @param list<mixed> $arguments
     * @return int its id
     */
    public function add(int $ms, callable $callback, array $arguments, bool $again): int
    {
        $id = ++$this->last;
        $due = ($this->clock)() + $ms * self::MS;
        $this->timers[$id] = [
            'due' => $due, 'count' => 0, 'interval' => $again ? $ms : 0, 'round' => $this->rounds,
            'callback' => $callback, 'arguments' => $arguments,
        ];
        $this->queue->insert([$due, $id]);
        return $id;
    }

    public function clear(int $id): bool
    {
        if (!isset($this->timers[$id])) {
            return false;
        }
        unset($this->timers[$id]);
        if ($this->timers === []) {
            $this->queue = new SplMinHeap();
        }
        return true;
    }

    public function clearAll(): void
    {
        $this->timers = [];
        $this->queue = new SplMinHeap();
    }

    public function exists(int $id): bool
    {
        return isset($this->timers[$id]);
    }

    /**
     * @return array{exec_msec: int, exec_count: int, interval: int, round: int, removed: bool}|null exec_msec: ms from
     *     the first timer's making to the next run
     */
    public function info(int $id): ?array
    {
        $timer = $this->timers[$id] ?? null;
        return $timer === null ? null : [
            'exec_msec' => intdiv($timer['due'] - $this->start, self::MS),
            'exec_count' => $timer['count'],
            'interval' => $timer['interval'],
            'round' => $timer['round'],
            'removed' => false,
        ];
    }

    /**
     * @return list<int>
     */
    public function ids(): array
    {
        return array_keys($this->timers);
    }

    public function rounds(): int
    {
        return $this->rounds;
    }

    public function next(): ?int
    {
        while (!$this->queue->isEmpty()) {
            [$due, $id] = $this->queue->top();
            if (isset($this->timers[$id]) && $this->timers[$id]['due'] === $due) {
                return $due;
            }
            $this->queue->extract();
        }
        return null;
    }

    public function begin(): void
    {
        $this->now = ($this->clock)();
        $this->rounds++;
    }

    public function isBusy(bool $told): bool
    {
        return $told && $this->timers !== [];
    }

    public function take(): ?Closure
    {
        $due = $this->next();
        if ($due === null || $due > $this->now) {
            return null;
        }
        $id = $this->queue->extract()[1];
        $timer = $this->timers[$id];
        [$callback, $arguments] = [$timer['callback'], $timer['arguments']];
        if ($timer['interval'] === 0) {
            return function () use ($id, $callback, $arguments): void {
                Resident::begins('of a timer', $callback);
                $callback(...$arguments);
                $this->clear($id); // in its own callback it is still there
            };
        }
        $interval = $timer['interval'] * self::MS;
        $due += $interval * (intdiv($this->now - $due, $interval) + 1);
        $this->timers[$id]['due'] = $due;
        $this->timers[$id]['count']++;
        $this->queue->insert([$due, $id]);
        return static function () use ($id, $callback, $arguments): void {
            Resident::begins('of a timer', $callback);
            $callback($id, ...$arguments);
        };
    }
}
