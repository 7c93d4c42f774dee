<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Data;

use FpmBridge\Tests\RegistrationTest;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

function handler(Server $server, Frame $frame): void
{
    RegistrationTest::$seen .= $frame->data;
}
