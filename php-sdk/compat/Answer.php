<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Runtime;
use FpmBridge\Wire;
use WeakReference;

/**
 * The way of one Swoole\Http\Response to the bridge: a whole response is one instruction in the event's answer; what
 * must leave before that goes over the callback socket.
 */
final class Answer
{
    /** A larger body leaves in pieces, at once: an event's answer is bounded. In bytes. */
    private const WHOLE = 2097152;
    private const PIECE = 1048576;

    public int $fd;
    /** The id of its stream of HTTP/2; 0: HTTP/1, or nobody said. */
    public int $stream;
    /** 0: not set. */
    public int $status = 0;
    public string $reason = '';
    public bool $ended = false;
    public bool $detached = false;
    /** The head has left. */
    public bool $begun = false;
    /** It answers a WebSocket's handshake. */
    public bool $handshake;
    /** It adds to the bridge's own 101. */
    public bool $extra;

    /** With worker_max_concurrency: others wait for its end. */
    public ?Turn $turn = null;

    private Runtime $run;
    private int $event;
    /** Its event is over, and the script still has the response. */
    private bool $kept = false;

    public function __construct(Runtime $run, int $fd, bool $handshake = false, bool $extra = false, int $stream = 0)
    {
        $this->run = $run;
        $this->fd = $fd;
        $this->stream = $stream;
        $this->handshake = $handshake;
        $this->extra = $extra;
        $this->event = $run->eventId();
    }

    public function open(): bool
    {
        return !$this->ended && !$this->detached;
    }

    /**
     * A piece of the body, chunked; it has left when this returns.
     *
     * @param string $head header lines, for the first piece
     */
    public function write(string $head, string $data): bool
    {
        return $this->pieces($head, $data, 0);
    }

    /**
     * All of the response, or the rest of it.
     *
     * @param string $head header lines, or trailer lines once the head has left
     */
    public function end(string $head, string $data): bool
    {
        if ($this->begun) {
            $done = $this->pieces($head, $data, Wire::RESPONSE_END);
        } elseif (strlen($data) > self::WHOLE && !$this->handshake) {
            $done = $this->pieces($head . 'Content-Length: ' . strlen($data) . "\r\n", $data, Wire::RESPONSE_END);
        } else {
            $this->part(Wire::RESPONSE_END, $this->code(), $this->head($head), $data);
            $done = true;
        }
        $this->ended = true;
        $this->turn = null;
        return $done;
    }

    /**
     * A file, which the bridge sends if it can read it.
     *
     * @param int $length 0: to its end
     */
    public function file(string $head, string $file, int $offset, int $length): bool
    {
        $this->ended = $this->begun = true;
        $this->turn = null;
        $place = pack('JJ', $offset, $length) . realpath($file);
        $head = $this->head($head);
        $queries = $this->run->queries();
        $code = $this->on($this->code());
        $reply = $queries->send(Wire::ASK_FILE, Wire::RESPONSE_END, 0, $this->fd, $code, $head, $place);
        if ($reply->code !== 404) {
            return $reply->code === 0;
        }
        $length = $length > 0 ? $length : (int) filesize($file) - $offset;
        $head .= "Content-Length: $length\r\n";
        do {
            $data = (string) @file_get_contents($file, false, null, $offset, min($length, self::PIECE));
            $offset += strlen($data);
            $length -= strlen($data);
            $last = $length <= 0 || $data === '';
            $done = $this->send($last ? Wire::RESPONSE_END : 0, $head === '' ? 0 : $this->code(), $head, $data);
            $head = '';
        } while ($done && !$last);
        return $done;
    }

    /**
     * Somebody else gives the response.
     */
    public function detach(): void
    {
        $this->detached = true;
        $this->turn = null;
        $this->part(Wire::RESPONSE_DETACH, 0, '', '');
    }

    /**
     * The callback is over, the process is not: whoever has the response gives the answer later.
     */
    public function keep(): void
    {
        if ($this->open()) {
            $this->kept = true;
            // By a number that is given again when the object is gone: so the list stays short.
            $this->run->kept[spl_object_id($this)] = WeakReference::create($this);
            $this->part(Wire::RESPONSE_DETACH, 0, '', '');
        }
    }

    /**
     * The object is gone and nobody has ended the response: Swoole answers 500 then, or the status that was set.
     */
    public function abandon(string $head): void
    {
        if (!$this->open() || !$this->kept && ($this->event !== $this->run->eventId() || $this->event === 0)) {
            return;
        }
        if ($this->extra) {
            $this->end($head, '');
            return;
        }
        if ($this->status === 0) {
            $this->status = 500;
        }
        if ($this->begun) {
            $this->part(Wire::RESPONSE_END, 0, '', '');
            $this->ended = true;
            return;
        }
        $this->end($head, '');
    }

    private function pieces(string $lines, string $data, int $flags): bool
    {
        $status = $this->begun ? 0 : $this->code();
        $head = $this->begun ? '' : $this->head($lines);
        $trailer = $this->begun && $lines !== '' ? "\r\n$lines" : '';
        $this->begun = true;
        for ($at = 0; $at === 0 || $at < strlen($data); $at += self::PIECE) {
            $last = $at + self::PIECE >= strlen($data);
            $piece = (string) substr($data, $at, self::PIECE);
            if (!$this->send($last ? $flags : 0, $status, $status > 0 ? $head : ($last ? $trailer : ''), $piece)) {
                $this->ended = true;
                $this->turn = null;
                return false;
            }
            $status = 0;
        }
        return true;
    }

    private function send(int $flags, int $status, string $head, string $data): bool
    {
        if ($this->kept && $this->run->worker !== null) {
            $this->run->worker->settle();
        }
        $code = $this->on($status);
        return $this->run->queries()->send(Wire::ASK_RESPONSE, $flags, 0, $this->fd, $code, $head, $data)->code === 0;
    }

    private function part(int $flags, int $status, string $head, string $data): void
    {
        $this->run->reply->respond($this->fd, $flags, $this->on($status), $head, $data);
    }

    /**
     * A status with the stream that it is for.
     */
    private function on(int $status): int
    {
        return Wire::stream($this->stream) << 16 | $status;
    }

    /**
     * Sends a control frame of HTTP/2.
     *
     * @param int $what Wire::PING or Wire::GO_AWAY
     */
    public function control(int $what, int $code, string $data): void
    {
        $this->run->reply->change($this->fd, $what, $code, $data);
    }

    private function code(): int
    {
        return $this->status > 0 ? $this->status : 200;
    }

    private function head(string $lines): string
    {
        return "$this->reason\r\n$lines";
    }

    /**
     * Nothing of it is the script's: print_r() of a server would be megabytes otherwise, with secrets.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
