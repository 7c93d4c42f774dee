<?php

namespace Swoole\Process;

use FpmBridge\Unsupported;

/**
 * Child processes. PHP-FPM has none: each method throws.
 */
#[\AllowDynamicProperties]
class Pool
{
    public $master_pid = -1;
    public $running = true;
    public $workerId = -1;
    public $workerPid = -1;
    public $workerRunning = true;
    public $workers = null;

    /** @throws Unsupported always */
    public function __construct(
        int $worker_num,
        int $ipc_type = 0,
        int $msgqueue_key = 0,
        bool $enable_coroutine = false
    ) {
        throw self::unsupported('__construct');
    }

    /** @throws Unsupported always */
    public function detach(): bool
    {
        throw self::unsupported('detach');
    }

    /** @throws Unsupported always */
    public function getProcess(int $work_id = -1)
    {
        throw self::unsupported('getProcess');
    }

    /** @throws Unsupported always */
    public function listen(string $host, int $port = 0, int $backlog = 2048): bool
    {
        throw self::unsupported('listen');
    }

    /** @throws Unsupported always */
    public function on(string $name, callable $callback): bool
    {
        throw self::unsupported('on');
    }

    /** @throws Unsupported always */
    public function sendMessage(string $data, int $dst_worker_id): bool
    {
        throw self::unsupported('sendMessage');
    }

    /** @throws Unsupported always */
    public function set(array $settings): void
    {
        throw self::unsupported('set');
    }

    /** @throws Unsupported always */
    public function shutdown(): bool
    {
        throw self::unsupported('shutdown');
    }

    /** @throws Unsupported always */
    public function start()
    {
        throw self::unsupported('start');
    }

    /** @throws Unsupported always */
    public function stop(): void
    {
        throw self::unsupported('stop');
    }

    /** @throws Unsupported always */
    public function write(string $data): bool
    {
        throw self::unsupported('write');
    }

    private static function unsupported(string $method): Unsupported
    {
        return new Unsupported("Swoole\\Process\\Pool::$method() needs child processes, which PHP-FPM does not have:"
            . ' run the script with the swoole extension, from your service manager');
    }
}
