<?php

namespace Swoole\WebSocket;

/**
 * A close frame. `data` stays empty: code and reason carry what it says.
 */
class CloseFrame extends Frame
{
    public $opcode = 8;
    public $code = 1000;
    public $reason = '';
}
