<?php

declare(strict_types=1);

namespace FpmBridge\Client;

use FpmBridge\ClientException;
use FpmBridge\Result;
use FpmBridge\Target;

/**
 * How a Client reaches the bridge.
 */
interface Transport
{
    /**
     * @param int $operation opcode of docs/protocol.md section 12
     * @param int $code WebSocket opcode, or close code
     * @param list<string> $into groups, or the uid to bind
     * @param float $wait seconds that a push waits until it was written; 0.0: it does not
     * @throws ClientException
     */
    public function operate(
        int $operation,
        Target $target,
        int $code,
        array $into,
        string $data,
        float $wait = 0.0
    ): Result;

    /**
     * @param int $what opcode of docs/protocol.md section 12
     * @param int $fd the connection, or that to start after
     * @param int $flags 1: members with their attributes
     * @return array{total: int, fds: list<int>, names: array<array-key, int>, info: array<string, mixed>|null,
     *     members: list<array<string, mixed>>, lists: list<list<int>>}
     * @throws ClientException
     */
    public function ask(int $what, string $name, int $fd, string $after, int $limit, int $flags): array;
}
