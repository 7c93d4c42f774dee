<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * The coroutines that are alive.
 */
final class Routines
{
    /** The cid given last. */
    public int $last = 0;
    /** Most at once. */
    public int $peak = 0;

    /** @var array<int, Routine> by cid */
    private array $alive = [];

    /** The callback itself, which is waited for anyway. */
    private ?Routine $root = null;

    /** How many the event waits for: all but the callback and those of workerStart. */
    private int $own = 0;

    public function add(int $parent, bool $lasting): Routine
    {
        $routine = new Routine(++$this->last, $parent, $lasting);
        $this->alive[$routine->cid] = $routine;
        $this->own += $lasting ? 0 : 1;
        $this->peak = max($this->peak, count($this->alive));
        return $routine;
    }

    public function addRoot(bool $lasting): Routine
    {
        $this->root = $this->add(-1, $lasting);
        $this->own -= $lasting ? 0 : 1;
        return $this->root;
    }

    public function remove(Routine $routine): void
    {
        unset($this->alive[$routine->cid]);
        $this->own -= $routine->lasting || $routine === $this->root ? 0 : 1;
    }

    public function find(int $cid): ?Routine
    {
        return $this->alive[$cid] ?? null;
    }

    public function count(): int
    {
        return count($this->alive);
    }

    /**
     * @return list<int>
     */
    public function cids(): array
    {
        return array_keys($this->alive);
    }

    /**
     * @return array<int, Routine>
     */
    public function all(): array
    {
        return $this->alive;
    }

    public function hasOwn(): bool
    {
        return $this->own > 0;
    }

    /**
     * @return array<int, Routine> those that the event waits for
     */
    public function own(): array
    {
        $root = $this->root;
        return array_filter($this->alive, static fn(Routine $one): bool => !$one->lasting && $one !== $root);
    }

    /**
     * The event is over.
     *
     * @param bool $failed then those of workerStart end, too
     * @return array{array<int, Routine>, array<int, Routine>} those that stay, those that do not
     */
    public function part(bool $failed): array
    {
        $stay = $failed
            ? []
            : array_filter($this->alive, static fn(Routine $one): bool => $one->lasting && $one->fiber !== null);
        $gone = array_diff_key($this->alive, $stay);
        $this->alive = $stay;
        $this->root = null;
        $this->own = 0;
        return [$stay, $gone];
    }
}
