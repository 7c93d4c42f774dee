<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * The frames of docs/protocol.md section 4: one 32-byte header, meta, payload.
 *
 * Frames are packed and read here and nowhere else.
 */
final class Wire
{
    public const DESCRIBE = 1;
    public const OPEN = 2;
    public const MESSAGE = 3;
    public const CLOSE = 4;
    public const CONNECT = 5;
    public const HANDSHAKE = 7;
    public const BEFORE_HANDSHAKE = 8;
    public const REQUEST = 9;
    public const RECEIVE = 6;
    public const BUFFER_FULL = 19;
    public const BUFFER_EMPTY = 20;

    /** From here to WORKER_ERROR: events that belong to no connection. */
    public const TASK = 10;
    public const FINISH = 11;
    public const PIPE_MESSAGE = 12;
    public const START = 13;
    public const SHUTDOWN = 14;
    public const WORKER_ERROR = 17;

    public const PUSH = 64;
    public const CLOSE_FD = 65;
    public const LOG = 66;
    public const DESCRIPTION = 67;
    public const RESPONSE = 69;
    public const SEND = 68;
    public const CONNECTION = 73;
    public const ADD_TASK = 70;
    public const ADD_RESULT = 71;
    public const ADD_PIPE_MESSAGE = 72;
    public const SERVER = 74;
    public const END = 127;

    public const HELLO = 128;
    public const EXISTS = 129;
    public const INFO = 130;
    public const LIST = 131;
    public const COUNT = 132;
    public const ASK_RESPONSE = 134;
    public const ASK_FILE = 135;
    public const HEARTBEAT = 137;
    public const STATS = 133;
    public const TASKS = 136;
    public const WORKER = 138;
    public const TABLE = 140;
    public const ATOMIC = 141;
    public const LOCK = 142;
    public const REPLY = 192;

    /** Resident workers: docs/protocol.md section 11. */
    public const CONTROL = 21;
    public const LAST = 75;
    public const BEGUN = 76;
    public const ALIVE = 143;
    public const RESIDENT = 170;

    /** An event was handled. */
    public const DONE = 0;
    /** An event failed: its instructions are dropped. */
    public const FAILED = 1;
    /** An event was handled, but the script called exit. */
    public const EXITED = 2;
    /** An event was not started: the bridge sends it again. */
    public const NOT_STARTED = 3;

    /** Flag of END: the bridge should describe again, for a new key. */
    public const OUTDATED = 1;

    /** No idle time ends the connection (code 1), or it does again (0): opcode of CONNECTION. */
    public const PROTECT = 1;
    public const PAUSE = 2;
    public const RESUME = 3;
    public const BIND = 4;
    /** Of HTTP/2: a ping, and GOAWAY with an error as its code. */
    public const PING = 5;
    public const GO_AWAY = 6;

    /** The bare FIN of Swoole's close($fd): flag of CLOSE_FD. */
    public const CLOSE_BARE = 1;
    /** What is queued is dropped: flag of CLOSE_FD. */
    public const CLOSE_RESET = 2;
    /** The client's close frame is not waited for: flag of CLOSE_FD. */
    public const CLOSE_NO_WAIT = 4;

    /** Nothing of this response follows: flag of RESPONSE and its queries. */
    public const RESPONSE_END = 1;
    /** The response outlives its event: flag of RESPONSE. */
    public const RESPONSE_DETACH = 2;
    /** The query asks for the request's body: opcode of ASK_RESPONSE. */
    public const BODY = 1;
    /** Bytes of a body that one answer has at most: there may be more. */
    public const BODY_PIECE = 1048576;
    /** PHP itself took the body apart: flag of REQUEST. */
    public const FORM = 1;

    /** Flag of PUSH: this frame ends the message. */
    public const FIN = 1;
    /** Flag of PUSH: deflate it if permessage-deflate was negotiated. */
    public const COMPRESS = 2;

    /** Events without a connection in meta: their listener stands above the code's low 16 bits. */
    private const LISTENER_IN_CODE = [3 => true, 4 => true, 6 => true, 19 => true, 20 => true];

    /** Opcode of DESCRIBE: run what comes before the first event, and say how long it took. */
    public const MEASURE = 1;

    public const HEADER = 32;

    /** The largest meta + payload of a frame from PHP, in bytes. */
    public const MAX_LENGTH = 67108864;

    public const UNPACK = 'Nlength/Ctype/Cflags/Copcode/Cattempt/Jid/Jfd/Ncode/Nmeta';

    /**
     * The number of a stream of HTTP/2 in responses, above their status.
     *
     * @param int $stream its id; 0: HTTP/1
     * @return int 1 to 65535; 0: HTTP/1
     */
    public static function stream(int $stream): int
    {
        return $stream > 0 ? ($stream >> 1) % 65535 + 1 : 0;
    }

    /**
     * One frame as bytes.
     *
     * @param int $code 0 to 2^32-1
     */
    public static function pack(
        int $type,
        int $flags,
        int $opcode,
        int $attempt,
        int $id,
        int $fd,
        int $code,
        string $meta = '',
        string $payload = ''
    ): string {
        $size = strlen($meta);
        // Eight bytes as one number: each letter of a format costs as much as the rest of this.
        return pack(
            'J4',
            ($size + strlen($payload)) << 32 | $type << 24 | $flags << 16 | $opcode << 8 | $attempt,
            $id,
            $fd,
            $code << 32 | $size
        ) . $meta . $payload;
    }

    /**
     * The header at $offset.
     *
     * @return array{length: int, type: int, flags: int, opcode: int, attempt: int, id: int, fd: int, code: int,
     *               meta: int}
     * @throws WireException when fewer than 32 bytes are left, or meta is longer than its frame
     */
    public static function header(string $bytes, int $offset = 0): array
    {
        if (strlen($bytes) - $offset < self::HEADER) {
            throw new WireException("truncated: a frame's header breaks off at byte " . strlen($bytes));
        }
        $head = unpack(self::UNPACK, $bytes, $offset);
        if ($head['meta'] > $head['length']) {
            throw new WireException("meta: longer than its frame at byte $offset");
        }
        return $head;
    }

    /**
     * All frames of $bytes, one unpack() each, and for one message no call more than that.
     *
     * @param int $limit the largest meta + payload, in bytes; 0: any
     * @param int|null $taken not null: the bytes may end inside a frame; becomes the number of bytes before it
     * @return list<Event>
     * @throws WireException when the bytes end inside a frame, or a frame's lengths cannot be right
     */
    public static function read(string $bytes, int $limit = 0, ?int &$taken = null): array
    {
        $events = [];
        $end = strlen($bytes);
        for ($at = 0; $at < $end; $at += self::HEADER + $length) {
            if ($end - $at < self::HEADER) {
                if ($taken !== null) {
                    break;
                }
                throw new WireException("truncated: a frame's header breaks off at byte $end");
            }
            // As eight bytes each: every name costs.
            $head = unpack('Ja/Ji/Jf/Jb', $bytes, $at);
            $kind = $head['a'];
            $length = $kind >> 32 & 0xffffffff;
            $meta = $head['b'] & 0xffffffff;
            if ($meta > $length) {
                throw new WireException("meta: longer than its frame at byte $at");
            }
            if ($limit > 0 && $length > $limit) {
                throw new WireException("too_large: a frame claims $length bytes at byte $at");
            }
            if ($end - $at - self::HEADER < $length) {
                if ($taken !== null) {
                    break;
                }
                throw new WireException("truncated: a frame breaks off at byte $end");
            }
            $event = new Event();
            $event->type = $kind >> 24 & 255;
            $event->flags = $kind >> 16 & 255;
            $event->opcode = $kind >> 8 & 255;
            $event->attempt = $kind & 255;
            $event->id = $head['i'];
            $event->fd = $head['f'];
            if ($head['b'] !== $meta) {
                $event->code = $head['b'] >> 32 & 0xffffffff;
                if ($event->code > 0xffff && isset(self::LISTENER_IN_CODE[$event->type])) {
                    $event->listener = $event->code >> 16;
                    $event->code &= 0xffff;
                }
            }
            if ($meta > 0) {
                $event->meta = substr($bytes, $at + self::HEADER, $meta);
            }
            if ($length > $meta) {
                $event->data = substr($bytes, $at + self::HEADER + $meta, $length - $meta);
            }
            $events[] = $event;
        }
        if ($taken !== null) {
            $taken = $at;
        }
        return $events;
    }

    /**
     * JSON for a frame's meta. Never fails: what JSON cannot carry is replaced.
     *
     * @param array<string, mixed> $value
     */
    public static function json(array $value): string
    {
        $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR
            | JSON_INVALID_UTF8_SUBSTITUTE;
        $json = json_encode($value, $flags);
        return $json === false ? '{}' : $json;
    }
}
