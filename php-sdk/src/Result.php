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
    /** The client does not read: the push was refused and the connection is closed. */
    public const SLOW = 'slow';
    /** The connection is over or closing. */
    public const GONE = 'gone';
    /** No such connection, no connection of this user or in this group; no WebSocket. */
    public const UNKNOWN = 'unknown';

    public int $done;
    public int $slow;
    public int $gone;
    public int $unknown;

    /** @var list<string> for each target in the order fds, uids, groups; of its connections' the first in the order above */
    public array $each;

    /**
     * @param list<string> $each
     */
    public function __construct(int $done, int $slow, int $gone, int $unknown, array $each)
    {
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
        $n = unpack('Ndone/Nslow/Ngone/Nunknown', $payload);
        $words = [self::DONE, self::SLOW, self::GONE, self::UNKNOWN];
        $each = [];
        for ($i = 16, $end = strlen($payload); $i < $end; $i++) {
            $each[] = $words[ord($payload[$i])] ?? self::UNKNOWN;
        }
        return new self($n['done'], $n['slow'], $n['gone'], $n['unknown'], $each);
    }
}
