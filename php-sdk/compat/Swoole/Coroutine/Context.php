<?php

namespace Swoole\Coroutine;

/**
 * What a coroutine keeps as long as it lives; its keys are properties, too.
 */
class Context extends \ArrayObject
{
}
