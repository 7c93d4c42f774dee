<?php

namespace Swoole\Coroutine;

/**
 * Ids of coroutines.
 */
class Iterator extends \ArrayIterator
{
}
