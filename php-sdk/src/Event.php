<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * What the bridge tells PHP of one connection (docs/protocol.md section 2).
 */
final class Event
{
    /** One of Wire::OPEN, Wire::MESSAGE, Wire::CLOSE, Wire::CONNECT, Wire::REQUEST and so on. */
    public int $type = 0;

    /** The event's id, unique while the bridge runs. */
    public int $id = 0;

    /** 1 for the first time; more when the bridge had to send the event again. */
    public int $attempt = 0;

    /** The connection, 1 or more. */
    public int $fd = 0;

    /** The listener that the connection came by, of events without meta; see listener(). */
    public int $listener = 0;

    /** Message: 1 text, 2 binary. Close: the status the connection had, 0 plain HTTP, 3 a WebSocket, 4, 5. */
    public int $opcode = 0;

    /**
     * Message: frame bits as on the wire, 33 for an ordinary browser message. Close: 1 if the server's side ended it.
     * Request: Wire::FORM.
     */
    public int $flags = 0;

    /**
     * Close: the close code of RFC 6455 section 7.4; 1005 the close frame had none, 1006 no close frame came. Request:
     * bytes of the head.
     */
    public int $code = 0;

    /** Message: the message. Close: the reason. Open: the request head as text. Request: the head, then the body. */
    public string $data = '';

    /** JSON as it came. Open, request: the connection. Close: the cause. */
    public string $meta = '';

    private ?Handshake $handshake = null;

    public function isBinary(): bool
    {
        return $this->opcode === 2;
    }

    /**
     * Close: why the connection ended, one of the causes of docs/protocol.md section 2; '' for other events.
     */
    public function cause(): string
    {
        return $this->type === Wire::CLOSE ? (string) ($this->decoded()['cause'] ?? '') : '';
    }

    /**
     * The listener that the connection came by: 0 the server's own, 1 the first of its other ports, and so on.
     */
    public function listener(): int
    {
        if ($this->meta === '' || $this->type === Wire::CLOSE) {
            return $this->listener;
        }
        return preg_match('/"listener":(\d+)/', $this->meta, $found) === 1 ? (int) $found[1] : 0;
    }

    /**
     * The connection as docs/protocol.md section 4 gives it (fd, remote_addr, connect_time in unix seconds, …); [] for
     * message and close: ask Connections::info().
     *
     * @return array<string, mixed>
     */
    public function connection(): array
    {
        return $this->type === Wire::MESSAGE || $this->type === Wire::CLOSE ? [] : $this->decoded();
    }

    /**
     * Open, request: the head of the request. Other events have an empty one.
     */
    public function handshake(): Handshake
    {
        return $this->handshake ?? $this->handshake = new Handshake($this->head());
    }

    /**
     * Request: the body; '' if the frame does not carry it (Wire::FORM), and for other events.
     */
    public function body(): string
    {
        return $this->type === Wire::REQUEST ? (string) substr($this->data, $this->code) : '';
    }

    private function head(): string
    {
        if ($this->type === Wire::OPEN) {
            return $this->data;
        }
        $answered = $this->type === Wire::REQUEST || $this->type === Wire::HANDSHAKE
            || $this->type === Wire::BEFORE_HANDSHAKE;
        return $answered ? (string) substr($this->data, 0, $this->code) : '';
    }

    /**
     * @return array<string, mixed>
     */
    private function decoded(): array
    {
        $value = json_decode($this->meta, true);
        return is_array($value) ? $value : [];
    }
}
