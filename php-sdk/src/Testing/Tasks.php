<?php

declare(strict_types=1);

namespace FpmBridge\Testing;

use Closure;
use FpmBridge\Event;
use FpmBridge\Wire;

/**
 * The tasks of a FakeBridge: docs/protocol.md section 9.
 */
final class Tasks
{
    /** @var list<array<string, mixed>> that were queued and did not run yet */
    private array $queued = [];
    private int $next = 0;

    /**
     * @param list<array<string, mixed>> $tasks of Result::$tasks
     */
    public function queue(array $tasks): void
    {
        array_push($this->queued, ...$tasks);
    }

    /**
     * Runs what is queued, and delivers the results; what these queue too.
     *
     * @return list<Result> of task events and finish events, in order
     */
    public function run(FakeBridge $bridge): array
    {
        $results = [];
        while ($this->queued !== []) {
            $task = array_shift($this->queued);
            $index = max(0, $task['worker']);
            $worker = $bridge->description()['workers'] + $index;
            $job = ['task' => $task['task'], 'source' => $task['source'], 'worker' => $worker];
            $job['time'] = microtime(true);
            $results[] = $ran = $bridge->event(Wire::TASK, $job, $task['data']);
            if ($ran->error !== null || $task['source'] < 0) {
                continue;
            }
            foreach ($ran->results as $data) {
                $job = ['source' => $worker, 'worker' => $task['source']] + $job;
                $job += isset($task['callback']) ? ['callback' => $task['callback']] : [];
                $results[] = $bridge->event(Wire::FINISH, $job, $data);
            }
        }
        return $results;
    }

    /**
     * Answers a question about tasks.
     *
     * @param array<string, mixed> $ask its meta
     * @param (Closure(mixed, int): mixed)|null $waited FakeBridge::$waited
     */
    public function answer(Event $reply, int $opcode, array $ask, string $data, ?Closure $waited): Event
    {
        if ($opcode === 0) {
            $reply->fd = $this->next++;
            return $reply;
        }
        $tasks = [];
        foreach ($ask['sizes'] as $size) {
            $tasks[] = unserialize(substr($data, 0, $size));
            $data = (string) substr($data, $size);
        }
        $ids = $sizes = [];
        foreach ($tasks as $i => $task) {
            $result = $waited === null ? null : $waited($task, $i);
            $bytes = $result === null ? '' : serialize($result);
            $ids[] = $this->next++;
            $sizes[] = $result === null ? -1 : strlen($bytes);
            $reply->data .= $bytes;
        }
        $reply->meta = Wire::json(['ids' => $ids, 'sizes' => $sizes]);
        return $reply;
    }
}
