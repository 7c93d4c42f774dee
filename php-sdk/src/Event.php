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

    /** @var array<array-key, mixed>|null null: not decoded yet */
    private ?array $attributes = null;

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
        if (!$this->connected()) {
            return $this->listener;
        }
        return preg_match('/"listener":(\d+)/', $this->meta, $found) === 1 ? (int) $found[1] : 0;
    }

    /**
     * Request: the id of its stream of HTTP/2; 0: it is one of HTTP/1.
     */
    public function stream(): int
    {
        return preg_match('/^\{"fd":\d+,"stream":(\d+)/', $this->meta, $found) === 1 ? (int) $found[1] : 0;
    }

    /**
     * The connection as docs/protocol.md section 4 gives it (fd, remote_addr, connect_time in unix seconds, …); [] for
     * message and close: ask Connections::info().
     *
     * @return array<string, mixed>
     */
    public function connection(): array
    {
        return $this->connected() ? $this->decoded() : [];
    }

    /**
     * The connection's attributes: Gateway::setAttributes(). In a resident worker events do not bring them:
     * Gateway::attributes() asks.
     *
     * @return array<array-key, mixed>
     */
    public function attributes(): array
    {
        if ($this->attributes === null) {
            $this->attributes = $this->meta === '' ? [] : (array) ($this->decoded()['attributes'] ?? []);
        }
        return $this->attributes;
    }

    /**
     * What this event does to the attributes, so that it sees it itself: for the Gateway.
     *
     * @param array<array-key, mixed> $attributes
     * @internal
     */
    public function change(array $attributes, bool $merge): void
    {
        $this->attributes = $merge ? self::merged($this->attributes(), $attributes) : $attributes;
    }

    /**
     * RFC 7396.
     *
     * @param array<array-key, mixed> $to
     * @param array<array-key, mixed> $changes
     * @return array<array-key, mixed>
     */
    private static function merged(array $to, array $changes): array
    {
        foreach ($changes as $key => $value) {
            if ($value === null) {
                unset($to[$key]);
            } elseif (is_array($value) && $value !== [] && array_keys($value) !== range(0, count($value) - 1)) {
                $to[$key] = self::merged(is_array($to[$key] ?? null) ? $to[$key] : [], $value);
            } else {
                $to[$key] = $value;
            }
        }
        return $to;
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

    /**
     * Whether meta has the connection, and not its attributes alone.
     */
    private function connected(): bool
    {
        return $this->meta !== '' && $this->type !== Wire::CLOSE && strncmp($this->meta, '{"attributes"', 13) !== 0;
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
