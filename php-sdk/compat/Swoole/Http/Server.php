<?php

namespace Swoole\Http;

use Swoole\Server as BaseServer;

class Server extends BaseServer
{
}
