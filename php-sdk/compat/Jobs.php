<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Event;
use FpmBridge\Wire;
use RuntimeException;
use Swoole\Server;
use Swoole\Server\PipeMessage;
use Swoole\Server\StatusInfo;
use Swoole\Server\Task;
use Swoole\Server\TaskResult;
use Throwable;

/**
 * Events that belong to no connection: tasks and their results, messages between workers, start and end of the server.
 */
final class Jobs
{
    /** The bridge's name of an event => Swoole's callbacks that it stands for, in lower case. */
    private const EVENTS = [
        'finish' => ['finish'],
        'pipemessage' => ['pipemessage'],
        'start' => ['managerstart', 'start', 'beforereload', 'afterreload', 'beforeshutdown'],
        'shutdown' => ['managerstop', 'shutdown'],
        'workererror' => ['workererror'],
    ];

    /** Opcodes of the start event. */
    private const STARTS = [['managerstart', 'start'], ['beforereload'], ['afterreload'], ['beforeshutdown']];

    /** The server whose task runs: for Server\Task, which knows none. */
    private static ?State $state = null;

    /**
     * What the bridge has to tell the script, beside the events of its ports.
     *
     * @param array<string, mixed> $callbacks
     * @return list<string>
     */
    public static function events(array $callbacks): array
    {
        $events = isset($callbacks['task']) ? ['task'] : [];
        foreach (self::EVENTS as $event => $names) {
            if (array_intersect_key($callbacks, array_flip($names)) !== []) {
                $events[] = $event;
            }
        }
        return $events;
    }

    /**
     * Makes the server show the worker that the event is for; -1 is the manager.
     */
    public static function enter(Server $server, Event $event): void
    {
        $job = self::meta($event);
        $server->taskworker = false;
        $server->worker_id = -1;
        if ($event->type === Wire::TASK || $event->type === Wire::FINISH || $event->type === Wire::PIPE_MESSAGE) {
            $server->worker_id = (int) ($job['worker'] ?? 0);
            $server->taskworker = $server->worker_id >= $server->setting['worker_num'];
        }
    }

    /**
     * Calls the script's callbacks for an event.
     */
    public static function handle(Server $server, State $state, Event $event): void
    {
        [$worker, $isTask] = [$server->worker_id, $server->taskworker];
        self::enter($server, $event);
        $object = (bool) ($server->setting['event_object'] ?? false);
        try {
            switch ($event->type) {
                case Wire::TASK:
                    self::task($server, $state, $event);
                    break;
                case Wire::FINISH:
                    self::finish($server, $state, $event, $object);
                    break;
                case Wire::PIPE_MESSAGE:
                    self::message($server, $state, $event, $object);
                    break;
                case Wire::START:
                    self::call($server, $state, self::STARTS[$event->opcode] ?? []);
                    break;
                case Wire::SHUTDOWN:
                    self::call($server, $state, self::EVENTS['shutdown']);
                    break;
                case Wire::WORKER_ERROR:
                    self::error($server, $state, $event, $object);
                    break;
            }
        } finally {
            [$server->worker_id, $server->taskworker] = [$worker, $isTask];
        }
    }

    /**
     * The task that runs gave a result.
     *
     * @param mixed $data
     */
    public static function finished($data): bool
    {
        return self::$state !== null && Tasks::finish(self::$state, $data);
    }

    private static function task(Server $server, State $state, Event $event): void
    {
        $job = self::meta($event);
        $data = self::value($event);
        $state->task = ['source' => (int) ($job['source'] ?? -1)];
        self::$state = $state;
        $setting = $server->setting;
        $coroutine = (bool) ($setting['task_enable_coroutine'] ?? false);
        try {
            if (
                $coroutine || ($setting['task_use_object'] ?? false) || ($setting['task_object'] ?? false)
                || ($setting['event_object'] ?? false)
            ) {
                $task = new Task();
                $task->data = $data;
                $task->dispatch_time = (float) ($job['time'] ?? 0);
                $task->id = (int) ($job['task'] ?? 0);
                $task->worker_id = $state->task['source'];
                $result = ($state->callbacks['task'])($server, $task);
            } else {
                $result = ($state->callbacks['task'])(
                    $server,
                    (int) ($job['task'] ?? 0),
                    $state->task['source'],
                    $data
                );
            }
            if ($result !== null && !$coroutine) {
                Tasks::finish($state, $result);
            }
            if ($state->run->background !== null) {
                // Its coroutines may finish the task.
                $state->run->background->finish();
            }
        } finally {
            $state->task = null;
            self::$state = null;
        }
    }

    private static function finish(Server $server, State $state, Event $event, bool $object): void
    {
        $job = self::meta($event);
        $data = self::value($event);
        $id = (int) ($job['task'] ?? 0);
        $own = (string) ($job['callback'] ?? '');
        if ($own === Tasks::KEPT) {
            $finisher = $state->finishers[$id] ?? null;
            unset($state->finishers[$id]);
            if ($finisher !== null) { // the worker that asked may have been replaced
                $finisher($server, $id, $data);
            }
            return;
        }
        if ($own !== '') {
            if (!is_callable($own)) {
                throw new RuntimeException("task $id was queued with the finish callback $own, which is not there");
            }
            $own($server, $id, $data);
            return;
        }
        $callback = $state->callbacks['finish'] ?? null;
        if ($callback === null) {
            return;
        }
        if (!$object) {
            $callback($server, $id, $data);
            return;
        }
        $result = new TaskResult();
        $result->task_id = $id;
        $result->task_worker_id = (int) ($job['source'] ?? 0);
        $result->dispatch_time = (float) ($job['time'] ?? 0);
        $result->data = $data;
        $callback($server, $result);
    }

    private static function message(Server $server, State $state, Event $event, bool $object): void
    {
        if (!isset($state->callbacks['pipemessage'])) {
            return;
        }
        $job = self::meta($event);
        $data = self::value($event);
        $source = (int) ($job['source'] ?? 0);
        if (!$object) {
            ($state->callbacks['pipemessage'])($server, $source, $data);
            return;
        }
        $message = new PipeMessage();
        $message->source_worker_id = $source;
        $message->worker_id = $server->worker_id;
        $message->dispatch_time = (float) ($job['time'] ?? 0);
        $message->data = $data;
        ($state->callbacks['pipemessage'])($server, $message);
    }

    private static function error(Server $server, State $state, Event $event, bool $object): void
    {
        if (!isset($state->callbacks['workererror'])) {
            return;
        }
        $died = self::meta($event) + ['worker' => 0, 'pid' => 0, 'exit_code' => 0, 'signal' => 0];
        if (!$object) {
            ($state->callbacks['workererror'])(
                $server,
                $died['worker'],
                $died['pid'],
                $died['exit_code'],
                $died['signal']
            );
            return;
        }
        $info = new StatusInfo();
        $info->worker_id = $died['worker'];
        $info->worker_pid = $died['pid'];
        $info->exit_code = $died['exit_code'];
        $info->signal = $died['signal'];
        $info->status = $died['exit_code'] << 8 | $died['signal'];
        ($state->callbacks['workererror'])($server, $info);
    }

    /**
     * Calls each of them, whatever the one before it throws, and also when it calls exit.
     *
     * @param list<string> $names
     * @throws Throwable the first that was thrown
     */
    private static function call(Server $server, State $state, array $names): void
    {
        $first = null;
        $callbacks = array_intersect_key($state->callbacks, array_flip($names));
        foreach (array_intersect($names, array_keys($callbacks)) as $i => $name) {
            $state->calling = $name;
            // The extension calls them in processes of their own: exit in one does not keep the others from coming.
            $state->run->afterExit = static function () use ($server, $state, $names, $i): void {
                self::call($server, $state, array_slice($names, $i + 1));
            };
            try {
                $callbacks[$name]($server);
            } catch (Throwable $thrown) {
                $first = $first ?? $thrown;
            }
        }
        $state->run->afterExit = null;
        if ($first !== null) {
            throw $first;
        }
    }

    /**
     * @return array<string, mixed>
     */
    private static function meta(Event $event): array
    {
        $meta = json_decode($event->meta, true);
        return is_array($meta) ? $meta : [];
    }

    /**
     * @return mixed
     */
    private static function value(Event $event)
    {
        return unserialize($event->data);
    }
}
