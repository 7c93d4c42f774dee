<?php

namespace Swoole\Coroutine;

/**
 * Thrown where a coroutine waits that Coroutine::cancel() ends with an exception.
 */
class CanceledException extends \Swoole\Exception
{
}
