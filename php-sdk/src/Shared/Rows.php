<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * The rows of a table. Keys have at most 79 bytes; values have the types of their columns.
 */
interface Rows
{
    /**
     * Changes a row, or makes it of zeros and empty strings first.
     *
     * @param array<array-key, int|float|string> $values some columns
     * @return string why there is no room for it; '' if there was
     */
    public function set(string $key, array $values): string;

    /**
     * @return array<array-key, int|float|string>|null null: no such row
     */
    public function get(string $key): ?array;

    /**
     * @return array{0?: int|float|string} [] no such row
     */
    public function field(string $key, string $column): array;

    /**
     * Adds to a number; integers wrap. Makes the row if need be.
     *
     * @param int|float $by of the column's type
     * @return array{0?: int|float} the new value; [] there is no room for the row
     */
    public function add(string $key, string $column, $by, bool $minus): array;

    public function del(string $key): bool;

    public function exists(string $key): bool;

    public function count(): int;

    /**
     * Some rows, in an order that does not change while they are there.
     *
     * @param int $cursor 0 for the first
     * @return array{list<array{string, array<array-key, int|float|string>}>, int} rows with their keys, and the next
     *     cursor: 0 after the last row
     */
    public function page(int $cursor): array;

    /**
     * @return list<int> num, conflict_count, conflict_max_level, insert_count, update_count, delete_count,
     *     available_slice_num, total_slice_num
     */
    public function stats(): array;

    public function destroy(): void;
}
