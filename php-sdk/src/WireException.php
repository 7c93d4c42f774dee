<?php

declare(strict_types=1);

namespace FpmBridge;

use RuntimeException;

/**
 * Bytes that are not frames of docs/protocol.md section 4. The message starts with what is wrong: truncated, meta,
 * too_large.
 */
final class WireException extends RuntimeException
{
}
