<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * Rows that all runs share. Until start() what is written goes into the first rows, which count only if nobody has the
 * table yet: that code runs for each event. What is read there is what all share, if there is such.
 */
final class SeededRows implements Rows
{
    private Space $space;
    private LocalRows $first;

    /** @var BridgeRows|ApcuRows */
    private Rows $shared;

    /** Before start(): whether the table was there when it was asked first. */
    private ?bool $there = null;

    /**
     * @param BridgeRows|ApcuRows $shared made with $first
     */
    public function __construct(Space $space, LocalRows $first, Rows $shared)
    {
        $this->space = $space;
        $this->first = $first;
        $this->shared = $shared;
    }

    public function set(string $key, array $values): string
    {
        return $this->written()->set($key, $values);
    }

    public function get(string $key): ?array
    {
        return $this->read()->get($key);
    }

    public function field(string $key, string $column): array
    {
        return $this->read()->field($key, $column);
    }

    /**
     * @param int|float $by
     */
    public function add(string $key, string $column, $by, bool $minus): array
    {
        return $this->written()->add($key, $column, $by, $minus);
    }

    public function del(string $key): bool
    {
        return $this->written()->del($key);
    }

    public function exists(string $key): bool
    {
        return $this->read()->exists($key);
    }

    public function count(): int
    {
        return $this->read()->count();
    }

    public function page(int $cursor): array
    {
        return $this->read()->page($cursor);
    }

    public function stats(): array
    {
        return $this->read()->stats();
    }

    public function destroy(): void
    {
        $this->written()->destroy();
    }

    private function written(): Rows
    {
        return $this->space->isOpen() ? $this->shared : $this->first;
    }

    private function read(): Rows
    {
        if ($this->space->isOpen()) {
            return $this->shared;
        }
        if ($this->there === null) {
            $this->there = $this->space->asks() && $this->shared->isThere();
        }
        return $this->there ? $this->shared : $this->first;
    }
}
