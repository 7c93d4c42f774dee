<?php

declare(strict_types=1);

namespace FpmBridge;

use RuntimeException;

/**
 * The bridge did not do what a Client asked. The code says why: one of these, or 400 the question is wrong, 401 wrong
 * key, 403 the key is not for this, 413 too large, 429 and 503 too busy, as in HTTP.
 */
final class ClientException extends RuntimeException
{
    /** Nobody listens at the address: nothing was done. */
    public const UNREACHABLE = 1;
    /** No answer in time: it may have been done. */
    public const TIMEOUT = 2;
    /** The connection broke before the answer: it may have been done. */
    public const BROKEN = 3;
}
