<?php

namespace Swoole\Coroutine;

/**
 * Thrown where a coroutine waits longer than Coroutine::setTimeLimit() allows.
 */
class TimeoutException extends \Swoole\Exception
{
}
