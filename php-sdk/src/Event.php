<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * What the bridge tells PHP: open, message or close of one connection (docs/protocol.md section 2).
 */
final class Event
{
    /** One of Wire::OPEN, Wire::MESSAGE, Wire::CLOSE. */
    public int $type = 0;

    /** The event's id, unique while the bridge runs. */
    public int $id = 0;

    /** 1 for the first time; more when the bridge had to send the event again. */
    public int $attempt = 0;

    /** The connection, 1 or more. */
    public int $fd = 0;

    /** Message: 1 text, 2 binary. */
    public int $opcode = 0;

    /** Message: frame bits as on the wire, 33 for an ordinary browser message. Close: 1 if the server's side ended it. */
    public int $flags = 0;

    /** Close: the close code of RFC 6455 section 7.4; 1005 the close frame had none, 1006 no close frame came. */
    public int $code = 0;

    /** Message: the message. Close: the reason. Open: the request head as text. */
    public string $data = '';

    /** JSON as it came. Open: the connection. Close: the cause. */
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
     * Open: the connection as docs/protocol.md section 4 gives it (fd, remote_addr, connect_time in unix seconds, …);
     * [] for other events: ask Connections::info().
     *
     * @return array<string, mixed>
     */
    public function connection(): array
    {
        return $this->type === Wire::OPEN ? $this->decoded() : [];
    }

    /**
     * Open: the request that opened the connection. Other events have an empty one.
     */
    public function handshake(): Handshake
    {
        return $this->handshake ?? $this->handshake = new Handshake($this->type === Wire::OPEN ? $this->data : '');
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
