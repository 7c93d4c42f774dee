<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

use APCUIterator;

/**
 * Rows in APCu: for the php-fpm of one host. Each row is an entry; what changes one holds the table's lock.
 */
final class ApcuRows implements Rows
{
    /** A lock that one holder has for so many seconds has none that lives. */
    private const DEAD = 2.0;

    private const READY = 'ready';
    private const GONE = 'gone';

    /** Numbers beside the rows. */
    private const COUNT = 'count';
    private const INSERTS = 'inserts';
    private const UPDATES = 'updates';
    private const DELETES = 'deletes';
    private const CONFLICTS = 'conflicts';

    private string $name;
    private string $row;
    private Layout $layout;
    private LocalRows $first;
    private bool $ready = false;

    /**
     * @param string $name of all its entries, up to here
     * @param LocalRows $first what is in it when APCu does not have it yet
     */
    public function __construct(string $name, Layout $layout, LocalRows $first)
    {
        $this->name = $name . dechex($layout->hash) . ':';
        $this->row = $this->name . 'row:';
        $this->layout = $layout;
        $this->first = $first;
    }

    public function isThere(): bool
    {
        return apcu_exists($this->name . 'state');
    }

    public function set(string $key, array $values): string
    {
        $this->begin();
        $this->lock();
        $full = $this->store($key, $values);
        $this->unlock();
        return $full;
    }

    public function get(string $key): ?array
    {
        $this->begin();
        $row = apcu_fetch($this->row . $key);
        return is_array($row) ? $row : null;
    }

    public function field(string $key, string $column): array
    {
        $row = $this->get($key);
        return $row === null ? [] : [$row[$column]];
    }

    /**
     * @param int|float $by
     */
    public function add(string $key, string $column, $by, bool $minus): array
    {
        $this->begin();
        $this->lock();
        $old = $this->get($key)[$column] ?? $this->layout->empty[$column];
        if (is_float($old)) {
            $new = $minus ? $old - $by : $old + $by;
        } else {
            $new = $minus ? LocalCounter::sum(LocalCounter::sum($old, ~$by), 1) : LocalCounter::sum($old, $by);
        }
        $full = $this->store($key, [$column => $new]);
        $this->unlock();
        return $full === '' ? [$new] : [];
    }

    public function del(string $key): bool
    {
        $this->begin();
        $this->lock();
        $deleted = apcu_delete($this->row . $key);
        if ($deleted) {
            apcu_dec($this->name . self::COUNT);
            apcu_inc($this->name . self::DELETES);
        }
        $this->unlock();
        return $deleted;
    }

    public function exists(string $key): bool
    {
        $this->begin();
        return apcu_exists($this->row . $key);
    }

    public function count(): int
    {
        $this->begin();
        return (int) apcu_fetch($this->name . self::COUNT);
    }

    public function page(int $cursor): array
    {
        $this->begin();
        $rows = [];
        $skip = strlen($this->row);
        foreach ($this->entries($this->row) as $entry) {
            $rows[] = [substr($entry['key'], $skip), $entry['value']];
        }
        return [$rows, 0];
    }

    public function stats(): array
    {
        $count = $this->count();
        $conflicts = (int) apcu_fetch($this->name . self::CONFLICTS);
        $slices = $this->layout->slices;
        return [
            $count,
            $conflicts,
            $conflicts > 0 ? 1 : 0,
            (int) apcu_fetch($this->name . self::INSERTS),
            (int) apcu_fetch($this->name . self::UPDATES),
            (int) apcu_fetch($this->name . self::DELETES),
            $slices - max(0, $count - $this->layout->size),
            $slices,
        ];
    }

    public function destroy(): void
    {
        $this->begin();
        $this->lock();
        apcu_store($this->name . 'state', self::GONE);
        foreach ($this->entries($this->row) as $entry) {
            apcu_delete($entry['key']);
        }
        $this->unlock();
        $this->ready = false;
    }

    /**
     * Makes the table unless it is there. Once per run: what somebody else destroys during a run is empty for it.
     */
    private function begin(): void
    {
        if ($this->ready) {
            return;
        }
        $state = apcu_fetch($this->name . 'state');
        if ($state === false) {
            $this->lock();
            $state = apcu_fetch($this->name . 'state');
            if ($state === false) {
                // APCu is empty, or has forgotten it: what is left of it is not all of it.
                foreach ($this->entries($this->row) as $entry) {
                    apcu_delete($entry['key']);
                }
                foreach ([self::COUNT, self::INSERTS, self::UPDATES, self::DELETES, self::CONFLICTS] as $number) {
                    apcu_store($this->name . $number, 0);
                }
                foreach ($this->first->page(0)[0] as [$key, $row]) {
                    $this->store($key, $row);
                }
                apcu_store($this->name . 'state', self::READY);
            }
            $this->unlock();
        }
        if ($state === self::GONE) {
            Space::fatal('table is not created or has been destroyed');
        }
        $this->ready = true;
    }

    /**
     * @param array<array-key, int|float|string> $values
     */
    private function store(string $key, array $values): string
    {
        $row = apcu_fetch($this->row . $key);
        $new = !is_array($row);
        $count = 0;
        if ($new) {
            $row = $this->layout->empty;
            $room = $this->layout->size + $this->layout->slices;
            $count = (int) apcu_fetch($this->name . self::COUNT);
            if ($count >= $room) {
                return "the table is full: it holds $room rows";
            }
        }
        if (!apcu_store($this->row . $key, array_replace($row, $values))) {
            return 'APCu has no room (apc.shm_size)';
        }
        apcu_inc($this->name . ($new ? self::INSERTS : self::UPDATES));
        if ($new) {
            apcu_inc($this->name . self::COUNT);
            if ($count >= $this->layout->size) {
                apcu_inc($this->name . self::CONFLICTS);
            }
        }
        return '';
    }

    private function entries(string $prefix): APCUIterator
    {
        return new APCUIterator('/^' . preg_quote($prefix, '/') . '/s', APC_ITER_KEY | APC_ITER_VALUE, 1000);
    }

    private function lock(): void
    {
        $lock = $this->name . 'lock';
        $mine = hrtime(true);
        $holder = null;
        $since = 0.0;
        for ($turns = 0; !apcu_add($lock, $mine); $turns++) {
            usleep($turns < 20 ? 20 : 500);
            $now = apcu_fetch($lock);
            if ($now !== $holder) {
                $holder = $now;
                $since = microtime(true);
            } elseif ($holder !== false && microtime(true) - $since > self::DEAD) {
                // Not APCu's own time to live: with apc.use_request_time it counts from the begin of the holder's
                // request.
                Space::log('a table\'s lock in APCu was held by a run that is gone: it was released');
                apcu_delete($lock);
            }
        }
    }

    private function unlock(): void
    {
        apcu_delete($this->name . 'lock');
    }
}
