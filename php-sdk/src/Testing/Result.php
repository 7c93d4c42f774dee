<?php

declare(strict_types=1);

namespace FpmBridge\Testing;

use FpmBridge\Wire;

/**
 * What a handler asked for during one event.
 */
final class Result
{
    /** The connection that the event was about. */
    public int $fd;

    /** @var list<array{fds: list<int>, data: string, opcode: int, flags: int}> in order; same data in a row is one */
    public array $pushes = [];

    /** @var list<mixed> pushes, closes and operations (frames of type 80) in the order in which they are carried out */
    public array $steps = [];

    /** @var list<array{fd: int, code: int, reason: string, flags: int}> in order; flags: docs/protocol.md section 4 */
    public array $closes = [];

    /**
     * @var list<array{fd: int, flags: int, status: int, head: string, data: string}> parts of HTTP responses, in order;
     *     docs/protocol.md section 4
     */
    public array $responses = [];
    /** @var list<array{fd: int, data: string}> raw bytes, in order */
    public array $sent = [];

    /** @var list<array{fd: int, what: int, code: int, data: string}> what: Wire::PROTECT and the like */
    public array $changes = [];
    /** @var list<array<string, mixed>> queued tasks: task, source, worker, data as serialize() gives it, callback */
    public array $tasks = [];

    /** @var list<string> results of the task that ran, as serialize() gives them */
    public array $results = [];

    /** @var list<array<string, mixed>> messages to workers: source, worker, data as serialize() gives it */
    public array $messages = [];

    /** @var list<int> what was asked of the server: 1 reload, 2 shutdown */
    public array $server = [];

    /** @var list<array{level: int, text: string}> what was printed and logged, 0 debug to 3 error */
    public array $logs = [];

    /** Why the event failed, null if it did not. The bridge drops what a failed event asked for. */
    public ?string $error = null;

    /** The description's hash. */
    public string $hash = '';

    /**
     * @param string $frames one event's answer
     */
    public function __construct(int $fd, string $frames)
    {
        $this->fd = $fd;
        foreach (Wire::read($frames, Wire::MAX_LENGTH) as $frame) {
            if ($frame->type === Wire::PUSH) {
                $this->steps[] = $this->pushes[] = [
                    'fds' => $frame->code > 0 ? array_values(unpack('J*', $frame->meta)) : [$frame->fd],
                    'data' => $frame->data,
                    'opcode' => $frame->opcode,
                    'flags' => $frame->flags,
                ];
            } elseif ($frame->type === Wire::CLOSE_FD) {
                $this->steps[] = $this->closes[] = [
                    'fd' => $frame->fd,
                    'code' => $frame->code,
                    'reason' => $frame->data,
                    'flags' => $frame->flags,
                ];
            } elseif ($frame->type === 80) {
                $this->steps[] = $frame;
            } elseif ($frame->type === Wire::RESPONSE) {
                $this->responses[] = [
                    'fd' => $frame->fd,
                    'flags' => $frame->flags,
                    'status' => $frame->code & 0xffff,
                    'head' => $frame->meta,
                    'data' => $frame->data,
                ] + ($frame->code >> 16 > 0 ? ['stream' => $frame->code >> 16] : []);
            } elseif ($frame->type === Wire::SEND) {
                $this->sent[] = ['fd' => $frame->fd, 'data' => $frame->data];
            } elseif ($frame->type === Wire::CONNECTION) {
                $this->changes[] = [
                    'fd' => $frame->fd,
                    'what' => $frame->opcode,
                    'code' => $frame->code,
                    'data' => $frame->data,
                ];
            } elseif ($frame->type === Wire::ADD_TASK) {
                $this->tasks[] = json_decode($frame->meta, true) + ['data' => $frame->data];
            } elseif ($frame->type === Wire::ADD_RESULT) {
                $this->results[] = $frame->data;
            } elseif ($frame->type === Wire::ADD_PIPE_MESSAGE) {
                $this->messages[] = json_decode($frame->meta, true) + ['data' => $frame->data];
            } elseif ($frame->type === Wire::SERVER) {
                $this->server[] = $frame->opcode;
            } elseif ($frame->type === Wire::LOG) {
                $this->logs[] = ['level' => $frame->code, 'text' => $frame->data];
            } elseif ($frame->type === Wire::END) {
                $this->hash = $frame->data;
                if ($frame->code === Wire::FAILED) {
                    $this->error = (string) (json_decode($frame->meta, true)['error'] ?? 'failed');
                }
            }
        }
    }

    /**
     * @return list<string> what was pushed to a connection, in order
     */
    public function pushed(int $fd): array
    {
        $data = [];
        foreach ($this->pushes as $push) {
            if (in_array($fd, $push['fds'], true)) {
                $data[] = $push['data'];
            }
        }
        return $data;
    }
}
