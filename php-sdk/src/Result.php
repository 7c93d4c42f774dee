<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * What became of an operation: connections by outcome, and the outcome of each target.
 */
final class Result
{
    /** A push: the bridge has it, in order behind what this caller sent before. Other operations: done. */
    public const DONE = 'done';
    /** A push that waits: queued, but not written in time. */
    public const LATE = 'late';
    /** The client does not read: the push was refused and the connection is closed. */
    public const SLOW = 'slow';
    /** Attributes that would get larger than 4096 bytes: they stay as they are. */
    public const FULL = 'full';
    /** The connection is over or closing. */
    public const GONE = 'gone';
    /** No such connection, no connection of this user or in this group; no WebSocket. */
    public const UNKNOWN = 'unknown';

    /** Those of a reply that counts connections; behind them stands one for each target. */
    public const BYTES = 24;

    public int $done;
    public int $slow;
    public int $gone;
    public int $unknown;
    public int $late;
    public int $full;

    /** @var list<string> for each target in the order fds, uids, groups; of its connections' the first in the order above */
    public array $each;

    /**
     * @param list<string> $each
     */
    public function __construct(
        int $done,
        int $slow,
        int $gone,
        int $unknown,
        array $each,
        int $late = 0,
        int $full = 0
    ) {
        $this->late = $late;
        $this->full = $full;
        $this->done = $done;
        $this->slow = $slow;
        $this->gone = $gone;
        $this->unknown = $unknown;
        $this->each = $each;
    }

    /**
     * Whether it reached somebody.
     */
    public function any(): bool
    {
        return $this->done > 0;
    }

    /**
     * The reply to query 150 of docs/protocol.md.
     */
    public static function unpack(string $payload): self
    {
        $n = unpack('Ndone/Nlate/Nslow/Nfull/Ngone/Nunknown', $payload);
        $words = [self::DONE, self::LATE, self::SLOW, self::FULL, self::GONE, self::UNKNOWN];
        $each = [];
        for ($i = self::BYTES, $end = strlen($payload); $i < $end; $i++) {
            $each[] = $words[ord($payload[$i])] ?? self::UNKNOWN;
        }
        return new self($n['done'], $n['slow'], $n['gone'], $n['unknown'], $each, $n['late'], $n['full']);
    }
}
