<?php

namespace Swoole\Server;

/**
 * What workerError gets with the setting event_object.
 */
#[\AllowDynamicProperties]
class StatusInfo
{
    public $worker_id = 0;
    public $worker_pid = 0;
    public $status = 0;
    public $exit_code = 0;
    public $signal = 0;
}
