<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * Those of Swoole's constants that the drop-in itself needs: the global ones need not be defined (Constants).
 */
final class Values
{
    public const BASE = 1;
    public const CLOSE_NORMAL = 1000;
    public const ERROR_DATA_LENGTH_TOO_LARGE = 1203;
    public const ERROR_HTTP_CONTEXT_UNAVAILABLE = 7106;
    public const ERROR_INVALID_PARAMS = 505;
    public const ERROR_NO_PAYLOAD = 550;
    public const ERROR_PROTOCOL_ERROR = 508;
    public const ERROR_SESSION_CLOSED = 1004;
    public const ERROR_SESSION_CLOSING = 1003;
    public const ERROR_SESSION_NOT_EXIST = 1005;
    public const ERROR_WEBSOCKET_PACK_FAILED = 8505;
    public const FLAG_COMPRESS = 2;
    public const FLAG_FIN = 1;
    public const FLAG_MASK = 32;
    public const FLAG_RSV1 = 4;
    public const FLAG_RSV2 = 8;
    public const FLAG_RSV3 = 16;
    public const OPCODE_BINARY = 2;
    public const OPCODE_CLOSE = 8;
    public const OPCODE_PING = 9;
    public const OPCODE_PONG = 10;
    public const OPCODE_TEXT = 1;
    public const PROCESS = 2;
    public const SOCK_TCP = 1;
    public const SOCK_UDP = 2;
    public const SOCK_UDP6 = 4;
    public const SOCK_UNIX_DGRAM = 6;
    public const SSL = 512;
    public const STATUS_NONE = 0;
    public const STATUS_ACTIVE = 3;
    public const STATUS_CLOSING = 4;
    public const WORKER_BUSY = 1;

    /**
     * A size as set() takes it, in bytes.
     *
     * @param mixed $size an integer, or text such as `2M`
     */
    public static function bytes($size): int
    {
        if (is_string($size) && preg_match('/^\s*(\d+)\s*([kmg])(i?b)?\s*$/i', $size, $part) === 1) {
            return (int) $part[1] << ['k' => 10, 'm' => 20, 'g' => 30][strtolower($part[2])];
        }
        return (int) $size;
    }
}
