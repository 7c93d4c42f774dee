<?php

namespace Swoole;

/**
 * exit() inside of a coroutine, in the extension. Here exit ends the event and is not thrown.
 */
class ExitException extends Exception
{
    private $flags = 0;
    private $status = 0;

    /**
     * SWOOLE_EXIT_IN_COROUTINE | SWOOLE_EXIT_IN_SERVER
     */
    public function getFlags(): int
    {
        return $this->flags;
    }

    public function getStatus()
    {
        return $this->status;
    }
}
