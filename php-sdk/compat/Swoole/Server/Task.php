<?php

namespace Swoole\Server;

use FpmBridge\Compat\Jobs;

/**
 * What task gets with the settings event_object, task_object and task_enable_coroutine.
 */
#[\AllowDynamicProperties]
final class Task
{
    public $data = null;
    public $dispatch_time = 0;
    public $id = -1;
    public $worker_id = -1;
    public $flags = 0;

    /** Marks what pack() made. */
    private const MAGIC = "fpmbridge-task\n";

    /**
     * A result for who asked for the task; several are several finish events.
     */
    public function finish($data): bool
    {
        return Jobs::finished($data);
    }

    /**
     * Any value as bytes, for unpack().
     *
     * @return string|false
     */
    public static function pack($data)
    {
        return self::MAGIC . serialize($data);
    }

    /**
     * @return mixed false for bytes that are not from pack()
     */
    public static function unpack(string $data)
    {
        $length = strlen(self::MAGIC);
        return strncmp($data, self::MAGIC, $length) === 0 ? @unserialize(substr($data, $length)) : false;
    }
}
