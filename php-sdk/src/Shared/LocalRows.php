<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * Rows of this run alone.
 */
final class LocalRows implements Rows
{
    private Layout $layout;

    /** @var array<array-key, array<array-key, int|float|string>> */
    private array $rows = [];

    /** @var array{int, int, int, int} inserts, updates, deletes, conflicts */
    private array $counts = [0, 0, 0, 0];

    public function __construct(Layout $layout)
    {
        $this->layout = $layout;
    }

    public function set(string $key, array $values): string
    {
        if (isset($this->rows[$key])) {
            $this->counts[1]++;
            $this->rows[$key] = array_replace($this->rows[$key], $values);
            return '';
        }
        $room = $this->layout->size + $this->layout->slices;
        if (count($this->rows) >= $room) {
            return "the table is full: it holds $room rows";
        }
        $this->rows[$key] = array_replace($this->layout->empty, $values);
        $this->counts[0]++;
        if (count($this->rows) > $this->layout->size) {
            $this->counts[3]++;
        }
        return '';
    }

    public function get(string $key): ?array
    {
        return $this->rows[$key] ?? null;
    }

    public function field(string $key, string $column): array
    {
        return isset($this->rows[$key]) ? [$this->rows[$key][$column]] : [];
    }

    /**
     * @param int|float $by
     */
    public function add(string $key, string $column, $by, bool $minus): array
    {
        $old = $this->rows[$key][$column] ?? $this->layout->empty[$column];
        if (is_float($old)) {
            $new = $minus ? $old - $by : $old + $by;
        } else {
            $new = $minus ? LocalCounter::sum(LocalCounter::sum($old, ~$by), 1) : LocalCounter::sum($old, $by);
        }
        return $this->set($key, [$column => $new]) === '' ? [$new] : [];
    }

    public function del(string $key): bool
    {
        if (!isset($this->rows[$key])) {
            return false;
        }
        unset($this->rows[$key]);
        $this->counts[2]++;
        return true;
    }

    public function exists(string $key): bool
    {
        return isset($this->rows[$key]);
    }

    public function count(): int
    {
        return count($this->rows);
    }

    public function page(int $cursor): array
    {
        $rows = [];
        foreach ($this->rows as $key => $row) {
            $rows[] = [(string) $key, $row];
        }
        return [$rows, 0];
    }

    public function stats(): array
    {
        [$inserts, $updates, $deletes, $conflicts] = $this->counts;
        $used = max(0, count($this->rows) - $this->layout->size);
        $slices = $this->layout->slices;
        $level = $conflicts > 0 ? 1 : 0;
        return [count($this->rows), $conflicts, $level, $inserts, $updates, $deletes, $slices - $used, $slices];
    }

    public function destroy(): void
    {
        $this->rows = [];
    }
}
