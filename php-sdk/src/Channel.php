<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * A resident worker's connection to the bridge (docs/protocol.md section 11): events come, frames go.
 */
final class Channel
{
    private const CHUNK = 65536;
    private const CONNECT_TIMEOUT = 5.0;

    /** Frames that the bridge has not got yet. */
    public string $out = '';

    /** @var resource */
    public $stream;

    /** The beginning of a frame, and how many bytes are the whole of it, or of its header. */
    private string $in = '';
    private int $need = 0;

    private function __construct()
    {
    }

    /**
     * Connects, and says which worker this is.
     *
     * @return self|null null: the bridge cannot be reached, PHP's log says why
     */
    public static function open(Environment $environment): ?self
    {
        [$scheme, $place] = explode(':', $environment->callback(), 2) + [1 => ''];
        $stream = @stream_socket_client("$scheme://$place", $errno, $error, self::CONNECT_TIMEOUT);
        if ($stream === false) {
            error_log("fpmbridge: the bridge's callback socket {$environment->callback()} cannot be reached: $error");
            return null;
        }
        stream_set_read_buffer($stream, 0);
        stream_set_write_buffer($stream, 0);
        stream_set_chunk_size($stream, self::CHUNK);
        stream_set_timeout($stream, 315360000);
        $channel = new self();
        $channel->stream = $stream;
        $pid = function_exists('getmypid') ? (int) getmypid() : 0;
        $meta = Wire::json(['sdk' => Runtime::VERSION, 'php' => PHP_VERSION]);
        $channel->out = Wire::pack(Wire::HELLO, 0, 0, 0, 0, 0, 0, $meta, $environment->token())
            . Wire::pack(Wire::RESIDENT, 0, 0, 0, $environment->ticket(), 0, $pid);
        $channel->flush();
        return $channel;
    }

    /**
     * Waits for events.
     *
     * @return list<Event>|null none: those that came are not whole yet; null: the bridge has gone
     */
    public function read(): ?array
    {
        $read = fread($this->stream, self::CHUNK);
        if ($read === '' || $read === false) {
            return feof($this->stream) ? null : [];
        }
        $bytes = $read;
        if ($this->in !== '') {
            $this->in .= $read; // in place: a message of 64 MiB comes in a thousand pieces
            if (strlen($this->in) < $this->need) {
                return [];
            }
            $bytes = $this->in;
        }
        $end = 0;
        $events = Wire::read($bytes, 0, $end);
        $this->in = $end === strlen($bytes) ? '' : substr($bytes, $end);
        if ($this->in !== '') {
            $this->need = strlen($this->in) < Wire::HEADER ? Wire::HEADER : Wire::HEADER + unpack('N', $this->in)[1];
        }
        return $events;
    }

    /**
     * Sends what waits.
     *
     * @return bool false: the bridge has gone
     */
    public function flush(): bool
    {
        while ($this->out !== '') {
            $n = @fwrite($this->stream, $this->out);
            if ($n === false || $n === 0) {
                return false;
            }
            $this->out = $n === strlen($this->out) ? '' : substr($this->out, $n);
        }
        return true;
    }

    /**
     * Nothing of it is the script's: print_r() of a server would be megabytes otherwise, with secrets.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
