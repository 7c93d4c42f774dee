<?php

namespace Swoole\WebSocket;

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Nulls;
use FpmBridge\Compat\State;
use FpmBridge\Compat\Values;
use FpmBridge\Wire;
use Swoole\Http\Server as HttpServer;

class Server extends HttpServer
{
    /** OpenSwoole's constants. */
    public const WEBSOCKET_STATUS_CONNECTION = 1;
    public const WEBSOCKET_STATUS_HANDSHAKE = 2;
    public const WEBSOCKET_STATUS_ACTIVE = 3;
    public const WEBSOCKET_STATUS_CLOSING = 4;
    public const WEBSOCKET_OPCODE_CONTINUATION = 0;
    public const WEBSOCKET_OPCODE_TEXT = 1;
    public const WEBSOCKET_OPCODE_BINARY = 2;
    public const WEBSOCKET_OPCODE_CLOSE = 8;
    public const WEBSOCKET_OPCODE_PING = 9;
    public const WEBSOCKET_OPCODE_PONG = 10;
    public const WEBSOCKET_FLAG_FIN = 1;
    public const WEBSOCKET_FLAG_COMPRESS = 2;
    public const WEBSOCKET_FLAG_RSV1 = 4;
    public const WEBSOCKET_FLAG_RSV2 = 8;
    public const WEBSOCKET_FLAG_RSV3 = 16;
    public const WEBSOCKET_FLAG_MASK = 32;
    public const WEBSOCKET_CLOSE_NORMAL = 1000;
    public const WEBSOCKET_CLOSE_GOING_AWAY = 1001;
    public const WEBSOCKET_CLOSE_PROTOCOL_ERROR = 1002;
    public const WEBSOCKET_CLOSE_DATA_ERROR = 1003;
    public const WEBSOCKET_CLOSE_STATUS_ERROR = 1005;
    public const WEBSOCKET_CLOSE_ABNORMAL = 1006;
    public const WEBSOCKET_CLOSE_MESSAGE_ERROR = 1007;
    public const WEBSOCKET_CLOSE_POLICY_ERROR = 1008;
    public const WEBSOCKET_CLOSE_MESSAGE_TOO_BIG = 1009;
    public const WEBSOCKET_CLOSE_EXTENSION_MISSING = 1010;
    public const WEBSOCKET_CLOSE_SERVER_ERROR = 1011;
    public const WEBSOCKET_CLOSE_TLS = 1015;

    /** RFC 6455 section 5.5, and docs/protocol.md: a control frame's payload. */
    private const MAX_CONTROL = 125;

    /** Meta and payload of a frame may have 64 MiB together; half a MiB is left for lists of connections. */
    private const MAX_DATA = 66584576;

    /**
     * Sends a frame: it leaves when the event is over. A connection other than the event's own is looked up, once per
     * event.
     *
     * @param Frame|string $data a Frame's own fields win over the other arguments; null, bool and numbers are cast
     * @param int $opcode WEBSOCKET_OPCODE_*, 0 to 10
     * @param int|bool $flags SWOOLE_WEBSOCKET_FLAG_FIN, or the bool `$finish` of Swoole before 4.4.12. Compression is
     *     used whenever it was negotiated
     * @return bool false, with a warning and last error 503: no such connection; 8505: not a valid frame, or a control
     *     frame over 125 bytes; 1203: over 63.5 MiB; without a warning 1004: closed
     */
    public function push(?int $fd, $data, ?int $opcode = Values::OPCODE_TEXT, $flags = Values::FLAG_FIN)
    {
        $state = $this->fpmbridge;
        if ($fd !== $state->reachable || $fd < 1) {
            $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
            // To many in a row: who was found to be there is not looked at twice.
            $peers = $state->peers;
            $found = $peers !== null && $peers->life === 0 && ($peers->known[$fd] ?? 0) === Values::STATUS_ACTIVE;
            if (!$found || $state->closed !== [] || $fd === $state->own) {
                if (!$this->reachable(__METHOD__, $state, $fd)) {
                    return false;
                }
            }
        }
        $opcode = $opcode ?? Nulls::int(__METHOD__, 3, 'opcode');
        if ($data instanceof Frame || $opcode >= Values::OPCODE_CLOSE) {
            [$data, $opcode, $flags] = Frame::parts($data, $opcode, $flags);
        } else {
            $data = (string) $data;
        }
        if ($opcode > Values::OPCODE_PONG || $opcode < 0) {
            return Loader::warn(__METHOD__, 'the maximum value of opcode is 10', Values::ERROR_WEBSOCKET_PACK_FAILED);
        }
        if ($data === null) {
            return false;
        }
        $bits = $flags & Wire::FIN;
        if ($opcode >= Values::OPCODE_CLOSE) {
            if (strlen($data) > self::MAX_CONTROL) {
                return Loader::warn(
                    __METHOD__,
                    'a control frame carries at most 125 bytes',
                    Values::ERROR_WEBSOCKET_PACK_FAILED
                );
            }
        } elseif (strlen($data) > self::MAX_DATA) {
            return Loader::warn(
                __METHOD__,
                'the data of ' . strlen($data) . ' bytes is too large: ' . self::MAX_DATA,
                Values::ERROR_DATA_LENGTH_TOO_LARGE
            );
        } elseif ($bits !== 0 && $opcode !== 0) {
            $bits |= Wire::COMPRESS;
        }
        $state->reply->frame($fd, $data, $opcode, $bits);
        return true;
    }

    /**
     * Sends a close frame and closes at once, without waiting for the client's.
     *
     * @param int $code taken as 16 bits, and sent whatever it is, as in the extension: who calls this with 403 means
     *     that the connection is to end. With 0 there is no close frame: a browser sees 1006 for either
     * @param string $reason at most 125 bytes, of which a close frame holds 123
     * @return bool false, with a warning and last error 503: no such connection; 505: the reason is too long; without a
     *     warning 1004: closed
     */
    public function disconnect(?int $fd, ?int $code = Values::CLOSE_NORMAL, ?string $reason = '')
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        $code = $code ?? Nulls::int(__METHOD__, 2, 'code');
        $reason = $reason ?? Nulls::string(__METHOD__, 3, 'reason');
        $state = $this->fpmbridge;
        if (!$this->reachable(__METHOD__, $state, $fd)) {
            return false;
        }
        $code &= 0xffff;
        if (strlen($reason) > self::MAX_CONTROL) {
            return Loader::warn(__METHOD__, 'the max length of close reason is 125', Values::ERROR_INVALID_PARAMS);
        }
        if (strlen($reason) > self::MAX_CONTROL - 2) {
            // No half character at the end.
            $reason = (string) preg_replace('/[\xC0-\xFF][\x80-\xBF]{0,2}$/D', '', substr($reason, 0, 123));
        }
        if ($code === 0) {
            $state->reply->end($fd, 0, '', Wire::CLOSE_BARE);
        } else {
            $state->reply->end($fd, $code, $reason, Wire::CLOSE_NO_WAIT);
        }
        $state->close($fd);
        if ($fd === $state->own) {
            $state->spoken = Values::STATUS_CLOSING;
        }
        return true;
    }

    /**
     * Sends a ping frame.
     *
     * @param string $data at most 125 bytes
     * @return bool as push()
     */
    public function ping(?int $fd, ?string $data = '')
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        $data = $data ?? Nulls::string(__METHOD__, 2, 'data');
        // The warning names this method.
        return $this->reachable(__METHOD__, $this->fpmbridge, $fd) && $this->push($fd, $data, Values::OPCODE_PING);
    }

    /**
     * Whether a connection is a WebSocket that is open. No warning for unknown ones.
     * @return bool
     */
    public function isEstablished(?int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->fpmbridge->status($fd) === State::OPEN
            && $this->fpmbridge->spoken($fd) === Values::STATUS_ACTIVE;
    }

    /**
     * As Frame::pack().
     *
     * @param Frame|string $data
     */
    public static function pack($data, int $opcode = Values::OPCODE_TEXT, $flags = Values::FLAG_FIN): string
    {
        return Frame::pack($data, $opcode, $flags);
    }

    /**
     * As Frame::unpack().
     *
     * @return Frame|CloseFrame|false
     */
    public static function unpack(string $data)
    {
        return Frame::unpack($data);
    }

    private function reachable(string $method, State $state, int $fd): bool
    {
        if (!$state->started) {
            return Loader::warn($method, 'server is not running');
        }
        if ($fd <= 0) {
            return Loader::warn($method, "fd[$fd] is invalid");
        }
        $status = $state->status($fd);
        if ($status === State::OPEN) {
            return $state->spoken($fd) >= State::SHAKING || Loader::warn(
                $method,
                "the connected client of connection[$fd] is not a websocket client or closed"
            );
        }
        return $status === State::CLOSED
            ? Loader::fail(Values::ERROR_SESSION_CLOSED)
            : Loader::warn($method, "session#$fd does not exists");
    }
}
