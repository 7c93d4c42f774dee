<?php

declare(strict_types=1);

namespace FpmBridge;

use InvalidArgumentException;

/**
 * Collects what PHP asks for during one event. It is sent once, when the event is over; the bridge then applies it in
 * order, or drops it whole if the event failed.
 */
final class Reply
{
    /** Opcodes of push(). */
    public const TEXT = 1;
    public const BINARY = 2;
    public const PING = 9;
    public const PONG = 10;

    /** Bytes that one list of connections takes at most beside its payload: 64 Ki connections. */
    private const LIST_BYTES = 524288;

    /** RFC 6455 section 5.5: a control frame carries 125 bytes, two of them are the close code. */
    private const MAX_REASON = 123;
    private const MAX_CONTROL = 125;

    /** Of a resident worker much does not wait for the end of its callback. In bytes. */
    private const MUCH = 65536;

    /** Null in a request, whose answer leaves whole. */
    public ?Resident $worker = null;

    /** Nothing waits for the end of a callback: it may never end. */
    public bool $atOnce = false;

    /** Whom send() and close() are for. */
    public int $sender = 0;

    /** Frames that are complete. */
    private string $bytes = '';

    /** @var array<int, int> the connections of the push that may still grow, keyed by themselves */
    private array $fds = [];
    private string $data = '';

    /** Its opcode and flags as the header has them: flags << 8 | opcode. */
    private int $bits = 0;

    /**
     * A message to the connection that the event is about.
     *
     * @param int $opcode Reply::TEXT or Reply::BINARY
     */
    public function send(string $data, int $opcode = self::TEXT): self
    {
        return $this->push($this->sender, $data, $opcode);
    }

    /**
     * A message to any connection. The same data to different connections in a row travels once. An fd of nobody is
     * counted and logged by the bridge; the others are served.
     *
     * @param int|iterable<int> $fds
     * @param int $opcode Reply::TEXT (UTF-8), Reply::BINARY, Reply::PING or Reply::PONG (at most 125 bytes)
     * @throws InvalidArgumentException for another opcode, a control frame over 125 bytes, or data over 64 MiB
     */
    public function push($fds, string $data, int $opcode = self::TEXT): self
    {
        if ($opcode === self::PING || $opcode === self::PONG) {
            if (strlen($data) > self::MAX_CONTROL) {
                throw new InvalidArgumentException('a ping or pong carries at most 125 bytes');
            }
            $flags = Wire::FIN;
        } elseif ($opcode === self::TEXT || $opcode === self::BINARY) {
            $flags = Wire::FIN | Wire::COMPRESS;
        } else {
            throw new InvalidArgumentException("opcode $opcode is not 1 text, 2 binary, 9 ping or 10 pong");
        }
        foreach (is_iterable($fds) ? $fds : [$fds] as $fd) {
            $this->frame((int) $fd, $data, $opcode, $flags);
        }
        return $this;
    }

    /**
     * Closes a connection with the close handshake.
     *
     * @param int|null $fd default: the connection that the event is about
     * @param int $code 1000, 1001, 1003, 1007 to 1014 or 3000 to 4999
     * @param string $reason UTF-8, at most 123 bytes
     * @throws InvalidArgumentException for another code or a longer reason
     */
    public function close(?int $fd = null, int $code = 1000, string $reason = ''): self
    {
        $sendable = in_array($code, [1000, 1001, 1003], true) || ($code >= 1007 && $code <= 1014)
            || ($code >= 3000 && $code <= 4999);
        if (!$sendable) {
            throw new InvalidArgumentException("close code $code must not be sent (RFC 6455 section 7.4)");
        }
        return $this->end($fd ?? $this->sender, $code, $reason, 0);
    }

    /**
     * A push with the frame's own bits: for compatibility layers. No check of the opcode.
     *
     * @param int $opcode 0 to 10
     * @param int $flags Wire::FIN, Wire::COMPRESS
     * @throws InvalidArgumentException for data over 64 MiB
     */
    public function frame(int $fd, string $data, int $opcode, int $flags): void
    {
        $bits = $flags << 8 | $opcode;
        if ($this->fds !== []) {
            if ($bits === $this->bits && !isset($this->fds[$fd]) && $data === $this->data) {
                $this->fds[$fd] = $fd;
                return;
            }
            $this->flush();
        }
        if (strlen($data) > Wire::MAX_LENGTH - self::LIST_BYTES) {
            throw new InvalidArgumentException('a message of ' . strlen($data) . ' bytes is too large: 63.5 MiB');
        }
        $this->fds = [$fd => $fd];
        $this->data = $data;
        $this->bits = $bits;
        if ($this->atOnce && $this->worker !== null) {
            $this->worker->settle();
        }
    }

    /**
     * A close with the instruction's own flags: for compatibility layers. No check of the code.
     *
     * @param int $code 1 to 65535; ignored with Wire::CLOSE_BARE
     * @param int $flags Wire::CLOSE_BARE, Wire::CLOSE_RESET, Wire::CLOSE_NO_WAIT
     * @throws InvalidArgumentException for a reason of more than 123 bytes
     */
    public function end(int $fd, int $code, string $reason, int $flags): self
    {
        if (strlen($reason) > self::MAX_REASON) {
            throw new InvalidArgumentException('a close reason carries at most 123 bytes');
        }
        if ($this->fds !== []) {
            $this->flush();
        }
        $this->bytes .= Wire::pack(Wire::CLOSE_FD, $flags, 0, 0, 0, $fd, $code, '', $reason);
        return $this;
    }

    /**
     * Raw bytes to a TCP connection, or whole WebSocket frames to a WebSocket.
     *
     * @throws InvalidArgumentException for data over 63.5 MiB
     */
    public function bytes(int $fd, string $data): void
    {
        if (strlen($data) > Wire::MAX_LENGTH - self::LIST_BYTES) {
            throw new InvalidArgumentException('a message of ' . strlen($data) . ' bytes is too large: 63.5 MiB');
        }
        $this->add(Wire::pack(Wire::SEND, 0, 0, 0, 0, $fd, 0, '', $data));
    }

    /**
     * Changes a connection.
     *
     * @param int $what Wire::PROTECT (with $code 1 or 0), Wire::PAUSE, Wire::RESUME or Wire::BIND (with the uid as 8
     *     bytes)
     */
    public function change(int $fd, int $what, int $code = 0, string $data = ''): void
    {
        $this->add(Wire::pack(Wire::CONNECTION, 0, $what, 0, 0, $fd, $code, '', $data));
    }

    /**
     * Any other instruction, behind what was asked for so far.
     *
     * @param string $frame as Wire::pack() makes it
     * @throws InvalidArgumentException for a frame over 64 MiB
     */
    public function add(string $frame): void
    {
        if (strlen($frame) > Wire::MAX_LENGTH + Wire::HEADER) {
            throw new InvalidArgumentException('data of ' . strlen($frame) . ' bytes is too large: 64 MiB');
        }
        if ($this->fds !== []) {
            $this->flush();
        }
        $this->bytes .= $frame;
        if ($this->atOnce && $this->worker !== null) {
            $this->worker->settle();
        }
    }

    /**
     * A part of an HTTP response: for compatibility layers.
     *
     * @param int $flags Wire::RESPONSE_END, Wire::RESPONSE_DETACH
     * @param int $status with the first part; 0: $head is empty or has trailer lines
     * @param string $head the reason, then `Name: value` lines, each after `\r\n`
     */
    public function respond(int $fd, int $flags, int $status, string $head, string $data): void
    {
        $this->add(Wire::pack(Wire::RESPONSE, $flags, 0, 0, 0, $fd, $status, $head, $data));
    }

    /**
     * What was collected, as frames; the reply is empty afterwards.
     */
    public function take(): string
    {
        if ($this->fds !== []) {
            $this->flush();
        }
        $bytes = $this->bytes;
        $this->bytes = '';
        return $bytes;
    }

    private function flush(): void
    {
        $fds = $this->fds;
        $flags = $this->bits >> 8;
        $opcode = $this->bits & 255;
        if (count($fds) === 1) {
            $this->bytes .= Wire::pack(Wire::PUSH, $flags, $opcode, 0, 0, (int) key($fds), 0, '', $this->data);
        } else {
            $most = self::LIST_BYTES >> 3;
            foreach (count($fds) > $most ? array_chunk($fds, $most) : [$fds] as $part) {
                $list = pack('J*', ...$part);
                $this->bytes .= Wire::pack(Wire::PUSH, $flags, $opcode, 0, 0, 0, count($part), $list, $this->data);
            }
        }
        $this->fds = [];
        $this->data = '';
        if ($this->worker !== null && strlen($this->bytes) > self::MUCH) {
            $this->worker->settle();
        }
    }
}
