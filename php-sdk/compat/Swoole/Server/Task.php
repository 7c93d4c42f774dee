<?php

namespace Swoole\Server;

use FpmBridge\Unsupported;

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

    /** @throws Unsupported always */
    public function finish($data): bool
    {
        throw new Unsupported('Swoole\Server\Task::finish() is not in this version of fpmbridge: there are no task'
            . ' workers yet');
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
