<?php

namespace Swoole\Server;

/**
 * What pipeMessage gets with the setting event_object.
 */
#[\AllowDynamicProperties]
class PipeMessage
{
    public $source_worker_id = 0;
    public $worker_id = 0;
    public $dispatch_time = 0;
    public $data = null;
}
