<?php

declare(strict_types=1);

namespace FpmBridge;

use RuntimeException;

/**
 * A question to the bridge (Connections) got no answer: the callback socket cannot be reached, timed out, or refused.
 * The code is that of the reply frame (400, 401, 501), or 0 when no reply came.
 */
final class CallbackException extends RuntimeException
{
}
