<?php

namespace Swoole\Server;

/**
 * What packet gets with the setting event_object.
 */
#[\AllowDynamicProperties]
class Packet
{
    public $server_socket = 0;
    public $server_port = 0;
    public $dispatch_time = 0;
    public $address = null;
    public $port = 0;
}
