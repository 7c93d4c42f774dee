<?php

namespace Swoole\Server;

/**
 * What connect, receive and close get with the setting event_object.
 */
#[\AllowDynamicProperties]
class Event
{
    public $reactor_id = 0;
    public $fd = 0;
    public $dispatch_time = 0;
    public $data = null;
}
