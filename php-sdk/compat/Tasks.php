<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\CallbackException;
use FpmBridge\Event;
use FpmBridge\Unsupported;
use FpmBridge\Wire;
use Swoole\Server;

/**
 * Tasks and messages between workers, from the side of who asks. docs/protocol.md section 9.
 *
 * A task is queued when its event is over, with all else that the event asked for; only its id comes at once.
 */
final class Tasks
{
    private const DISPATCH_FAIL = 2002;
    private const TIMEOUT = 2003;
    /** A finish callback that the worker keeps: the result comes back into it. */
    public const KEPT = '(kept)';

    /** Added to a resident worker's number, where a slot is asked for. */
    private const RESIDENT_SLOT = 1048576;

    private const RESERVE = 0;
    private const RUN = 1;

    /** taskWaitMulti() and taskCo() take fewer than this. */
    private const MOST = 1024;

    /** A wait without a limit, in seconds: fpm.timeout ends it long before. */
    private const FOREVER = 86400.0;

    /**
     * @param mixed $data
     * @param callable|null $finish
     * @return int|false
     */
    public static function task(Server $server, State $state, $data, int $index, ?callable $finish)
    {
        $method = 'Swoole\Server::task';
        if (!self::mayTask($method, $server, $index)) {
            return false;
        }
        if ($server->taskworker) {
            return Loader::warn($method, 'Server->task() cannot use in the task-worker');
        }
        $job = ['source' => $server->worker_id, 'worker' => max(-1, $index)];
        if ($finish !== null) {
            $job['callback'] = $state->run->worker === null ? self::name($finish) : self::KEPT;
        }
        $bytes = serialize($data);
        $reply = self::ask($method, $state, self::RESERVE, $job + ['sizes' => [strlen($bytes)]], '');
        if ($reply === null) {
            return false;
        }
        if ($finish !== null && $state->run->worker !== null) {
            $state->finishers[$reply->fd] = $finish;
        }
        $meta = Wire::json(['task' => $reply->fd] + $job);
        $state->reply->add(Wire::pack(Wire::ADD_TASK, 0, 0, 0, 0, 0, 0, $meta, $bytes));
        return $reply->fd;
    }

    /**
     * @param array<mixed> $tasks
     * @return array<int, mixed>|null by position, without those that gave nothing; null if none was queued
     */
    public static function wait(
        string $method,
        Server $server,
        State $state,
        array $tasks,
        float $timeout,
        int $index
    ): ?array {
        if (!self::mayTask("Swoole\\Server::$method", $server, $index)) {
            return null;
        }
        if ($server->taskworker || $server->worker_id < 0) {
            Loader::warn("Swoole\\Server::$method", "$method method can only be used in the worker process");
            return null;
        }
        if (count($tasks) >= self::MOST) {
            Loader::warn("Swoole\\Server::$method", 'too many concurrent tasks');
            return null;
        }
        if ($tasks === []) {
            return [];
        }
        $data = array_map('serialize', array_values($tasks));
        $reply = self::ask("Swoole\\Server::$method", $state, self::RUN, [
            'source' => $server->worker_id,
            'worker' => max(-1, $index),
            'timeout_ms' => $timeout > 0 ? max(1, (int) round($timeout * 1000)) : 0,
            'sizes' => array_map('strlen', $data),
        ], implode('', $data), $timeout > 0 ? $timeout : self::FOREVER);
        if ($reply === null) {
            return null;
        }
        $results = [];
        $at = 0;
        foreach (json_decode($reply->meta, true)['sizes'] as $i => $size) {
            if ($size >= 0) {
                $results[$i] = unserialize(substr($reply->data, $at, $size));
                $at += $size;
            }
        }
        if (count($results) < count($tasks)) {
            Loader::fail(self::TIMEOUT);
        }
        return $results;
    }

    /**
     * @param mixed $data
     */
    public static function finish(State $state, $data): bool
    {
        if ($state->task === null) {
            return Loader::warn('Swoole\Server::finish', 'finish method can only be used in the task-worker');
        }
        if ($state->task['source'] < 0) {
            return false;
        }
        $state->reply->add(Wire::pack(Wire::ADD_RESULT, 0, 0, 0, 0, 0, 0, '', serialize($data)));
        return true;
    }

    /**
     * @param mixed $message
     */
    public static function send(Server $server, State $state, $message, int $worker): bool
    {
        $method = 'Swoole\Server::sendMessage';
        if (!isset($state->callbacks['pipemessage'])) {
            return Loader::warn($method, "onPipeMessage is null, can't use sendMessage");
        }
        if ($worker === $server->worker_id) {
            return Loader::warn($method, "can't send messages to self");
        }
        if ($worker < 0 || $worker >= $server->setting['worker_num'] + $server->setting['task_worker_num']) {
            return Loader::warn($method, "worker_id[$worker] is invalid");
        }
        $meta = Wire::json(['source' => $server->worker_id, 'worker' => $worker]);
        $state->reply->add(Wire::pack(Wire::ADD_PIPE_MESSAGE, 0, 0, 0, 0, 0, 0, $meta, serialize($message)));
        return true;
    }

    private static function mayTask(string $method, Server $server, int $index): bool
    {
        $workers = (int) $server->setting['task_worker_num'];
        if ($workers < 1) {
            return Loader::warn($method, "task method can't be executed without task worker");
        }
        return $index < $workers
            || Loader::warn($method, "worker_id must be less than task_worker_num[$workers]");
    }

    /**
     * A callback's name: another PHP run calls it.
     *
     * @throws Unsupported for closures and objects
     */
    private static function name(callable $finish): string
    {
        if (is_array($finish) && is_string($finish[0])) {
            return "$finish[0]::$finish[1]";
        }
        if (is_string($finish)) {
            return $finish;
        }
        throw new Unsupported('Swoole\Server::task(): the result comes to another PHP run, which does not have this'
            . ' closure or object: give the name of a function or of a static method, or use onFinish');
    }

    /**
     * @param array<string, mixed> $meta
     * @return Event|null null, with a warning: the bridge refuses
     */
    private static function ask(
        string $method,
        State $state,
        int $opcode,
        array $meta,
        string $data,
        float $wait = 0.0
    ): ?Event {
        $run = $state->run;
        $stays = $run->worker !== null && $run->environment->place() === null;
        $slot = $run->environment->worker() + ($stays ? self::RESIDENT_SLOT : 0);
        $meta += ['script' => $run->environment->script, 'slot' => $slot];
        try {
            $reply = $run->queries()->send(Wire::TASKS, 0, $opcode, 0, 0, Wire::json($meta), $data, (int) ceil($wait));
            if ($reply->code === 0) {
                return $reply;
            }
            $why = 'the bridge knows of no task workers: was the script changed a moment ago?';
        } catch (CallbackException $refused) {
            if ($refused->getCode() !== 409 && $refused->getCode() !== 429) {
                throw $refused;
            }
            $why = $refused->getMessage();
        }
        Loader::warn($method, $why, self::DISPATCH_FAIL);
        return null;
    }
}
