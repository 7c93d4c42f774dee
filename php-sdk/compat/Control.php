<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Event;
use FpmBridge\Log;
use FpmBridge\Wire;
use Swoole\Coroutine;
use Swoole\Server;

/**
 * What a script asks of the server as a whole.
 */
final class Control
{
    private const RELOAD = 1;
    private const RELOAD_TASKS = 4;
    private const SHUTDOWN = 2;
    private const STOP = 3;
    private const WRONG_OPERATION = 509;

    /**
     * Swoole's numbers, in its order.
     *
     * @return array<string, int>
     */
    public static function stats(Server $server, State $state): array
    {
        $known = (array) json_decode(self::ask($state, Wire::STATS, 0)->meta, true);
        $tasks = (int) $server->setting['task_worker_num'];
        $keys = [
            'start_time', 'connection_num', 'abort_count', 'accept_count', 'close_count', 'worker_num',
            'task_worker_num', 'user_worker_num', 'idle_worker_num', 'dispatch_count', 'request_count',
            'response_count', 'total_recv_bytes', 'total_send_bytes', 'pipe_packet_msg_id', 'concurrency',
            'session_round', 'min_fd', 'max_fd', 'worker_request_count', 'worker_response_count',
            'worker_dispatch_count', 'worker_concurrency',
        ];
        if ($tasks > 0) {
            if (($server->setting['task_ipc_mode'] ?? 1) >= 2) {
                array_push($keys, 'task_queue_num', 'task_queue_bytes');
            }
            array_push($keys, 'task_idle_worker_num', 'tasking_num', 'task_count');
        }
        $served = $state->run->worker === null ? 1 : $state->run->worker->served();
        $coroutines = class_exists(Coroutine::class, false) ? Coroutine::stats() : [];
        $known = [
            'worker_num' => (int) $server->setting['worker_num'],
            'task_worker_num' => $tasks,
            'user_worker_num' => count($state->processes),
            'worker_request_count' => $served,
            'worker_response_count' => $state->run->worker === null ? 0 : $served,
            'worker_dispatch_count' => $served,
            'worker_concurrency' => $state->turns === null ? 1 : $state->turns->count(),
            'coroutine_num' => $coroutines['coroutine_num'] ?? 1,
            'coroutine_peek_num' => $coroutines['coroutine_peak_num'] ?? 1,
        ] + $known;
        array_push($keys, 'coroutine_num', 'coroutine_peek_num');
        $stats = [];
        foreach ($keys as $key) {
            $stats[$key] = (int) ($known[$key] ?? 0);
        }
        return $stats;
    }

    /**
     * @return int|false SWOOLE_WORKER_BUSY or SWOOLE_WORKER_IDLE; false for an unknown worker
     */
    public static function workerStatus(State $state, int $worker)
    {
        if ($worker < 0) {
            return false;
        }
        $reply = self::ask($state, Wire::WORKER, $worker);
        return $reply->code === 0 ? $reply->fd : false;
    }

    /**
     * @return int|false false for an unknown worker, and for one without a process of its own: in request mode, or a
     *     task worker
     */
    public static function workerPid(State $state, int $worker)
    {
        $reply = self::ask($state, Wire::WORKER, $worker);
        $known = $reply->code === 0 ? (array) json_decode($reply->meta, true) : [];
        return (int) ($known['pid'] ?? 0) ?: false;
    }

    public static function reload(State $state, bool $tasks): bool
    {
        $state->reply->add(Wire::pack(Wire::SERVER, 0, $tasks ? self::RELOAD_TASKS : self::RELOAD, 0, 0, 0, 0));
        return true;
    }

    public static function shutdown(State $state): bool
    {
        if (!$state->started) {
            return Loader::fail(self::WRONG_OPERATION);
        }
        $state->reply->add(Wire::pack(Wire::SERVER, 0, self::SHUTDOWN, 0, 0, 0, 0));
        return true;
    }

    public static function stop(Server $server, State $state, int $worker): bool
    {
        if ($worker >= $server->setting['worker_num'] + $server->setting['task_worker_num']) {
            return Loader::warn('Swoole\Server::stop', "worker_id[$worker] is invalid");
        }
        if ($state->run->worker !== null && ($worker < 0 || $worker === $server->worker_id)) {
            $state->run->worker->stop();
            return true;
        }
        if ($state->run->environment->resident()) {
            $state->reply->add(Wire::pack(Wire::SERVER, 0, self::STOP, 0, 0, max(0, $worker), 0));
            return true;
        }
        $text = 'Swoole\Server::stop(): each event is a PHP run of its own, which ends anyway';
        $state->run->log()->add(Log::DEBUG, $text, '', 0);
        return true;
    }

    public static function addCommand(State $state, string $name, int $types, callable $callback): bool
    {
        if ($state->started) {
            return Loader::warn('Swoole\Server::addCommand', 'server is running, unable to add command');
        }
        $state->commands[$name] = [$types, $callback];
        return true;
    }

    /**
     * Runs a command here: other processes of Swoole's are PHP runs of ours, all alike.
     *
     * @param mixed $data
     * @return array|string|false
     */
    public static function command(Server $server, State $state, string $name, int $type, $data, bool $decode)
    {
        if (!isset($state->commands[$name]) || ($state->commands[$name][0] & $type) === 0) {
            return false;
        }
        $reply = ($state->commands[$name][1])($server, (string) json_encode($data));
        if (!$decode) {
            return (string) $reply;
        }
        $value = json_decode((string) $reply, true);
        return $value === null ? false : $value;
    }

    private static function ask(State $state, int $type, int $fd): Event
    {
        $meta = Wire::json(['script' => $state->run->environment->script]);
        return $state->run->queries()->send($type, 0, 0, $fd, 0, $meta, '');
    }
}
