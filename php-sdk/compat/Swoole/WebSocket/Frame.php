<?php

namespace Swoole\WebSocket;

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Values;

/**
 * A WebSocket message, or a frame to be sent. Properties are untyped and in this order, as the extension has them:
 * json_encode() shows it.
 */
#[\AllowDynamicProperties]
class Frame
{
    /** The connection that sent it. */
    public $fd = 0;
    public $data = '';
    /** WEBSOCKET_OPCODE_* */
    public $opcode = 1;
    /** SWOOLE_WEBSOCKET_FLAG_* bits. Of a message: as on the wire, 33 from an ordinary browser. */
    public $flags = 1;
    /** Outgoing: decides FIN if it is not null. Incoming: whether the message is whole. */
    public $finish = null;

    /**
     * The frame as bytes; '' if it cannot be packed.
     */
    public function __toString(): string
    {
        return self::pack($this);
    }

    /**
     * A frame as bytes.
     *
     * @param Frame|string $data a Frame's own fields win over the other arguments; null, bool and numbers are cast
     * @param int $opcode WEBSOCKET_OPCODE_*, 0 to 10
     * @param int|bool $flags SWOOLE_WEBSOCKET_FLAG_*; COMPRESS deflates (RFC 7692), MASK masks with the extension's
     *     constant key `258E`
     * @return string '' on failure
     */
    public static function pack($data, int $opcode = Values::OPCODE_TEXT, $flags = Values::FLAG_FIN): string
    {
        [$payload, $opcode, $flags] = self::parts($data, $opcode, $flags);
        if ($opcode > Values::OPCODE_PONG || $opcode < 0) {
            Loader::warn(__METHOD__, 'the maximum value of opcode is 10', Values::ERROR_WEBSOCKET_PACK_FAILED);
            return '';
        }
        if ($payload === null) {
            return '';
        }
        $fin = ($flags & Values::FLAG_FIN) !== 0;
        $first = ($fin ? 0x80 : 0) | $opcode
            | (($flags & Values::FLAG_RSV1) !== 0 ? 0x40 : 0)
            | (($flags & Values::FLAG_RSV2) !== 0 ? 0x20 : 0)
            | (($flags & Values::FLAG_RSV3) !== 0 ? 0x10 : 0);
        $deflate = ($flags & Values::FLAG_COMPRESS) !== 0 && $fin && $payload !== ''
            && ($opcode === Values::OPCODE_TEXT || $opcode === Values::OPCODE_BINARY);
        if ($deflate) {
            $context = deflate_init(ZLIB_ENCODING_RAW);
            $payload = substr(deflate_add($context, $payload, ZLIB_SYNC_FLUSH), 0, -4);
            $first |= 0x40;
        }
        $masked = ($flags & Values::FLAG_MASK) !== 0;
        $bit = $masked ? 0x80 : 0;
        $length = strlen($payload);
        if ($length < 126) {
            $head = chr($first) . chr($bit | $length);
        } elseif ($length < 65536) {
            $head = pack('CCn', $first, $bit | 126, $length);
        } else {
            $head = pack('CCJ', $first, $bit | 127, $length);
        }
        return $masked ? $head . '258E' . self::mask($payload, '258E') : $head . $payload;
    }

    /**
     * The first frame in $data; what follows it is ignored.
     *
     * @return Frame|CloseFrame|false false when it is cut or cannot be inflated (last error 508)
     */
    public static function unpack(string $data)
    {
        $size = strlen($data);
        if ($size < 2) {
            return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
        }
        $first = ord($data[0]);
        $masked = (ord($data[1]) & 0x80) !== 0;
        $length = ord($data[1]) & 0x7f;
        $at = 2;
        if ($length > 125) {
            $at = $length === 126 ? 4 : 10;
            if ($size < $at) {
                return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
            }
            $length = unpack($at === 4 ? 'n' : 'J', $data, 2)[1];
        }
        $key = $masked ? substr($data, $at, 4) : '';
        $at += $masked ? 4 : 0;
        if ($length < 0 || $size - $at < $length) {
            return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
        }
        $payload = substr($data, $at, $length);
        if ($masked) {
            $payload = self::mask($payload, $key);
        }
        $flags = (($first & 0x80) !== 0 ? Values::FLAG_FIN : 0)
            | (($first & 0x40) !== 0 ? Values::FLAG_RSV1 : 0)
            | (($first & 0x20) !== 0 ? Values::FLAG_RSV2 : 0)
            | (($first & 0x10) !== 0 ? Values::FLAG_RSV3 : 0)
            | ($masked ? Values::FLAG_MASK : 0);
        if (($first & 0x40) !== 0) {
            $context = inflate_init(ZLIB_ENCODING_RAW);
            $payload = @inflate_add($context, $payload . "\x00\x00\xff\xff", ZLIB_SYNC_FLUSH);
            if ($payload === false) {
                return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
            }
            $flags |= Values::FLAG_COMPRESS;
        }
        $opcode = $first & 0x0f;
        if ($opcode === Values::OPCODE_CLOSE) {
            $frame = new CloseFrame();
            if (strlen($payload) >= 2) {
                $frame->code = unpack('n', $payload)[1];
                // The extension reads it with a signed shift (websocket_server.cc:83-113).
                $frame->code -= $frame->code > 32767 ? 65536 : 0;
                $frame->reason = (string) substr($payload, 2);
            }
        } else {
            $frame = new Frame();
            $frame->data = $payload;
        }
        $frame->opcode = $opcode;
        $frame->flags = $flags;
        $frame->finish = ($flags & Values::FLAG_FIN) !== 0;
        return $frame;
    }

    /**
     * What an outgoing frame consists of, whatever form it was given in.
     *
     * @internal for Swoole\WebSocket\Server
     * @return array{string|null, int, int} payload (null: a reason that is too long), opcode, flags
     */
    final public static function parts($data, $opcode, $flags): array
    {
        if (!$data instanceof self) {
            $text = (string) $data;
            $opcode = (int) $opcode;
            // Close code 0 in front of the text: what the extension sends for push($fd, $text, 8).
            $payload = $opcode === Values::OPCODE_CLOSE ? "\0\0" . $text : $text;
            $flags = (int) $flags;
        } else {
            $opcode = (int) $data->opcode;
            $flags = (int) $data->flags;
            if ($data->finish !== null) {
                $flags = $data->finish ? $flags | Values::FLAG_FIN : $flags & ~Values::FLAG_FIN;
            }
            if ($opcode === Values::OPCODE_CLOSE) {
                $reason = (string) ($data->reason ?? '');
                $payload = pack('n', (int) ($data->code ?? Values::CLOSE_NORMAL)) . $reason;
                if (strlen($reason) > 125) {
                    Loader::warn(
                        'Swoole\WebSocket\Frame::pack',
                        'the max length of close reason is 125',
                        Values::ERROR_WEBSOCKET_PACK_FAILED
                    );
                    $payload = null;
                }
            } else {
                $payload = (string) $data->data;
            }
        }
        if ($opcode >= Values::OPCODE_CLOSE) {
            // websocket_server.cc:149-156
            $flags = ($flags | Values::FLAG_FIN)
                & ~(Values::FLAG_RSV1 | Values::FLAG_COMPRESS);
        }
        return [$payload, $opcode, $flags];
    }

    private static function mask(string $payload, string $key): string
    {
        return $payload ^ substr(str_repeat($key, intdiv(strlen($payload) + 3, 4)), 0, strlen($payload));
    }
}
