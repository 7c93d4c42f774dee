<?php

namespace Swoole\Server;

/**
 * What finish gets with the setting event_object.
 */
#[\AllowDynamicProperties]
class TaskResult
{
    public $task_id = 0;
    public $task_worker_id = 0;
    public $dispatch_time = 0;
    public $data = null;
}
