<?php

declare(strict_types=1);

namespace FpmBridge;

use Error;

/**
 * Ends a handler that would wait for ever. What it asked for before is carried out.
 */
final class Abandoned extends Error
{
}
