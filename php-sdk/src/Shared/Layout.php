<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * The columns and the size of a table, and how its rows travel: docs/protocol.md section 10.
 */
final class Layout
{
    public const INT = 1;
    public const FLOAT = 2;
    public const STRING = 3;

    private const MIN_SIZE = 64;
    private const MAX_SIZE = 1 << 31;

    /** What a row of the extension takes beside its columns, a slice for a collision, and the pool of those, in bytes. */
    private const ROW = 88;
    private const SLICE = 24;
    private const POOL = 48;
    private const LENGTH = 4;

    /** A power of two. */
    public int $size;

    /** Rows that the table holds beyond its size. */
    public int $slices;

    /** @var array<array-key, array{int, int, int}> name => index, type, longest string in bytes */
    public array $columns = [];

    /** CRC-32 of the definition; 0 before freeze(). */
    public int $hash = 0;
    public string $definition = '';

    /** @var array<array-key, int|float|string> a row of zeros and empty strings, in the order of the columns */
    public array $empty = [];

    /** @var list<array-key> */
    private array $strings = [];

    /** @var array<array-key, string> name => its name in $format */
    private array $numbers = [];
    private string $format = '';

    /**
     * @param int $size rows; rounded up to a power of two, at least 64
     * @param float $proportion of slices to size, 0.2 to 1
     */
    public function __construct(int $size, float $proportion)
    {
        $this->size = self::MIN_SIZE;
        while ($this->size < $size && $this->size < self::MAX_SIZE) {
            $this->size *= 2;
        }
        $this->slices = (int) ($this->size * max(0.2, min(1.0, $proportion)));
    }

    /**
     * A name that is there already stays what it is.
     *
     * @param int $size longest string, in bytes
     */
    public function add(string $name, int $type, int $size): void
    {
        if (!isset($this->columns[$name])) {
            $this->columns[$name] = [count($this->columns), $type, $size];
        }
    }

    public function freeze(): void
    {
        $this->definition = pack('NN', $this->size, $this->slices);
        foreach ($this->columns as $name => [$index, $type, $size]) {
            $name = (string) $name;
            $this->definition .= pack('CNn', $type, $size, strlen($name)) . $name;
            $this->empty[$name] = $type === self::INT ? 0 : ($type === self::FLOAT ? 0.0 : '');
            if ($type === self::STRING) {
                $this->strings[] = $name;
            } else {
                $this->numbers[$name] = "c$index";
                $this->format .= ($this->format === '' ? '' : '/') . ($type === self::INT ? 'J' : 'E') . "c$index";
            }
        }
        $this->hash = crc32($this->definition);
    }

    /**
     * As the extension's getMemorySize(): what it sets aside for slices.
     */
    public function memory(): int
    {
        $row = self::ROW + self::SLICE;
        foreach ($this->columns as [, $type, $size]) {
            $row += $type === self::STRING ? $size + self::LENGTH : 8;
        }
        return $this->slices * $row + self::POOL;
    }

    /**
     * @param array<array-key, int|float|string> $values some columns, in types of their own
     */
    public function encode(array $values): string
    {
        $bytes = '';
        foreach ($values as $name => $value) {
            [$index, $type] = $this->columns[$name];
            $bytes .= $type === self::STRING
                ? pack('nN', $index, strlen($value)) . $value
                : pack($type === self::INT ? 'nJ' : 'nE', $index, $value);
        }
        return $bytes;
    }

    /**
     * @param array<array-key, int|float|string> $row all columns
     */
    public function encodeRow(array $row): string
    {
        $bytes = '';
        foreach ($this->numbers as $name => $alias) {
            $bytes .= pack($this->columns[$name][1] === self::INT ? 'J' : 'E', $row[$name]);
        }
        foreach ($this->strings as $name) {
            $bytes .= pack('N', strlen($row[$name])) . $row[$name];
        }
        return $bytes;
    }

    /**
     * The row at $offset.
     *
     * @return array{array<array-key, int|float|string>, int} the row and where the next thing begins
     */
    public function decodeRow(string $bytes, int $offset = 0): array
    {
        $row = $this->empty;
        if ($this->format !== '') {
            $numbers = unpack($this->format, $bytes, $offset);
            foreach ($this->numbers as $name => $alias) {
                $row[$name] = $numbers[$alias];
            }
            $offset += 8 * count($this->numbers);
        }
        foreach ($this->strings as $name) {
            $length = unpack('N', $bytes, $offset)[1];
            $row[$name] = substr($bytes, $offset + 4, $length);
            $offset += 4 + $length;
        }
        return [$row, $offset];
    }
}
