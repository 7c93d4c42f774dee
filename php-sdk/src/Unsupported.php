<?php

declare(strict_types=1);

namespace FpmBridge;

use LogicException;

/**
 * Something that this version cannot carry. The message says what to do instead.
 */
final class Unsupported extends LogicException
{
}
