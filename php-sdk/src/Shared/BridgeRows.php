<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

use FpmBridge\CallbackException;
use FpmBridge\Event;
use FpmBridge\Wire;

/**
 * Rows that the bridge holds.
 */
final class BridgeRows implements Rows
{
    private const SET = 1;
    private const GET = 2;
    private const FIELD = 3;
    private const INCR = 4;
    private const DECR = 5;
    private const DEL = 6;
    private const EXISTS = 7;
    private const COUNT = 8;
    private const PAGE = 9;
    private const STATS = 10;
    private const DESTROY = 11;

    private const GONE = 410;
    private const UNDEFINED = 412;

    private Space $space;
    private int $key;
    private Layout $layout;
    private LocalRows $first;

    /**
     * @param LocalRows $first what is in it when the bridge does not have it yet
     */
    public function __construct(Space $space, int $key, Layout $layout, LocalRows $first)
    {
        $this->space = $space;
        $this->key = $key;
        $this->layout = $layout;
        $this->first = $first;
    }

    public function isThere(): bool
    {
        $reply = $this->space->ask(Wire::TABLE, self::COUNT, $this->key, $this->layout->hash, '');
        return $reply->code !== self::UNDEFINED;
    }

    public function set(string $key, array $values): string
    {
        $reply = $this->ask(self::SET, chr(strlen($key)) . $key . $this->layout->encode($values));
        return $reply->code === 0 ? '' : Space::reason($reply);
    }

    public function get(string $key): ?array
    {
        $reply = $this->ask(self::GET, chr(strlen($key)) . $key);
        return $reply->code === 0 ? $this->layout->decodeRow($reply->data)[0] : null;
    }

    public function field(string $key, string $column): array
    {
        [$index, $type] = $this->layout->columns[$column];
        $reply = $this->ask(self::FIELD, chr(strlen($key)) . $key . pack('n', $index));
        return $reply->code === 0 ? self::value($type, $reply->data) : [];
    }

    /**
     * @param int|float $by
     */
    public function add(string $key, string $column, $by, bool $minus): array
    {
        [$index, $type] = $this->layout->columns[$column];
        $data = chr(strlen($key)) . $key . pack($type === Layout::INT ? 'nJ' : 'nE', $index, $by);
        $reply = $this->ask($minus ? self::DECR : self::INCR, $data);
        return $reply->code === 0 ? self::value($type, $reply->data) : [];
    }

    public function del(string $key): bool
    {
        return $this->ask(self::DEL, chr(strlen($key)) . $key)->code === 0;
    }

    public function exists(string $key): bool
    {
        return $this->ask(self::EXISTS, chr(strlen($key)) . $key)->code === 0;
    }

    public function count(): int
    {
        return $this->ask(self::COUNT, '')->fd;
    }

    public function page(int $cursor): array
    {
        $reply = $this->ask(self::PAGE, pack('J', $cursor));
        $rows = [];
        for ($at = 0, $end = strlen($reply->data); $at < $end;) {
            $length = ord($reply->data[$at]);
            $key = substr($reply->data, $at + 1, $length);
            [$row, $at] = $this->layout->decodeRow($reply->data, $at + 1 + $length);
            $rows[] = [$key, $row];
        }
        return [$rows, $reply->fd];
    }

    public function stats(): array
    {
        return array_values(unpack('J8', $this->ask(self::STATS, '')->data));
    }

    public function destroy(): void
    {
        $this->ask(self::DESTROY, '');
    }

    /**
     * The query that makes it, for a description.
     */
    public function definition(): string
    {
        return Wire::pack(Wire::TABLE, 0, Space::DEFINE, 0, 0, $this->key, $this->layout->hash, '', $this->defining());
    }

    private function defining(): string
    {
        $bytes = pack('N', strlen($this->layout->definition)) . $this->layout->definition;
        foreach ($this->first->page(0)[0] as [$key, $row]) {
            $bytes .= chr(strlen($key)) . $key . $this->layout->encodeRow($row);
        }
        return $bytes;
    }

    private function ask(int $operation, string $data): Event
    {
        $reply = $this->space->ask(Wire::TABLE, $operation, $this->key, $this->layout->hash, $data);
        if ($reply->code === self::UNDEFINED) {
            // A deploy that the bridge has not described yet.
            $made = $this->space->ask(Wire::TABLE, Space::DEFINE, $this->key, $this->layout->hash, $this->defining());
            if ($made->code !== 0) {
                throw new CallbackException(Space::reason($made), $made->code);
            }
            $reply = $this->space->ask(Wire::TABLE, $operation, $this->key, $this->layout->hash, $data);
        }
        if ($reply->code === self::GONE) {
            Space::fatal('table is not created or has been destroyed');
        }
        return $reply;
    }

    /**
     * @return array{int|float|string}
     */
    private static function value(int $type, string $bytes): array
    {
        return [$type === Layout::STRING ? $bytes : unpack($type === Layout::INT ? 'J' : 'E', $bytes)[1]];
    }
}
