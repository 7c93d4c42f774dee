<?php

namespace Swoole\Timer;

/**
 * Ids of timers.
 */
class Iterator extends \ArrayIterator
{
}
