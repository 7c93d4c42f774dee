<?php

declare(strict_types=1);

namespace FpmBridge\Client;

use FpmBridge\ClientException;
use FpmBridge\Event;
use FpmBridge\Result;
use FpmBridge\Target;
use FpmBridge\Wire;

/**
 * Frames over a Unix or TCP socket, on a connection that is kept.
 */
final class SocketTransport implements Transport
{
    private const OPERATE = 150;
    private const ASK = 151;

    /** Bytes of a first read: more than the answer to most operations has. */
    private const READ = 128;

    /** What follows the id in the answer to an operation that was done for its one target: the answer to most. */
    private const DONE = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        . "\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" . "\0";

    private string $address;
    private string $key;
    private float $timeout;
    private float $connectTimeout;
    private bool $persistent;
    private bool $local;

    /** @var resource|null */
    private $stream = null;

    /** @var array<int, string> by stream: the key that it knows. A kept connection is shared by all clients of a process. */
    private static array $greeted = [];

    public function __construct(string $address, string $key, float $timeout, float $connectTimeout, bool $persistent)
    {
        $this->address = $address;
        $this->key = $key;
        $this->timeout = $timeout;
        $this->connectTimeout = $connectTimeout;
        $this->persistent = $persistent;
        $this->local = strncmp($address, 'unix:', 5) === 0;
    }

    public function operate(
        int $operation,
        Target $target,
        int $code,
        array $into,
        string $data,
        float $wait = 0.0
    ): Result {
        Frames::check($operation, $target, $code, $into, $data);
        [$fd, $meta] = $target->pack($into);
        if ($wait !== 0.0) {
            $meta .= "\10\4" . pack('N', Frames::wait($wait));
            return $this->waiting($target, $code, $fd, $meta, $data, $wait);
        }
        return $this->result((int) $target->all, $operation, $fd, $code, $meta, $data);
    }

    public function ask(int $what, string $name, int $fd, string $after, int $limit, int $flags): array
    {
        [$id, $bytes] = $this->exchange(self::ASK, $flags, $what, $fd, $limit, $name, $after);
        $reply = $this->reply($id, $bytes);
        return Frames::answer($what, $reply->code, $reply->fd, $reply->meta, $reply->data);
    }

    private function waiting(Target $target, int $code, int $fd, string $meta, string $data, float $wait): Result
    {
        $this->connect();
        $this->patience($this->timeout + $wait);
        try {
            return $this->result((int) $target->all, 1, $fd, $code, $meta, $data);
        } finally {
            if ($this->stream !== null) {
                $this->patience($this->timeout);
            }
        }
    }

    private function result(int $flags, int $operation, int $fd, int $code, string $meta, string $data): Result
    {
        [$id, $bytes] = $this->exchange(self::OPERATE, $flags, $operation, $fd, $code, $meta, $data);
        // Taking it apart costs as much as all the rest of a push in PHP.
        if ($bytes === pack('NNJ', Result::BYTES + 1, Wire::REPLY << 24, $id) . self::DONE) {
            return new Result(1, 0, 0, 0, [Result::DONE]);
        }
        $reply = $this->reply($id, $bytes);
        if (strlen($reply->data) < Result::BYTES) {
            $this->fail('this is the API of another version of fpmbridge');
        }
        return Result::unpack($reply->data);
    }

    /**
     * @return array{int, string} the question's id, and the bytes of the answer
     */
    private function exchange(
        int $type,
        int $flags,
        int $opcode,
        int $fd,
        int $code,
        string $meta,
        string $data
    ): array {
        $this->connect();
        // Nanoseconds since boot: no two questions of this process have the same id.
        $id = hrtime(true);
        $bytes = Wire::pack($type, $flags, $opcode, 0, $id, $fd, $code, $meta, $data);
        if (!$this->send($bytes)) {
            // A Unix socket takes nothing any more when the other side has closed it: so nothing was done.
            $this->close();
            $this->connect();
            if (!$this->send($bytes)) {
                $this->fail('the question could not be sent');
            }
        }
        return [$id, $this->receive()];
    }

    /**
     * The answer to the question with this id, if it is one and no refusal.
     */
    private function reply(int $id, string $bytes): Event
    {
        $head = unpack(Wire::UNPACK, $bytes);
        $reply = new Event();
        $reply->flags = $head['flags'];
        $reply->id = $head['id'];
        $reply->fd = $head['fd'];
        $reply->code = $head['code'];
        $reply->meta = (string) substr($bytes, Wire::HEADER, $head['meta']);
        $reply->data = (string) substr($bytes, Wire::HEADER + $head['meta']);
        // A refused hello, and a connection too many, have id 0.
        if ($reply->id !== $id && ($reply->id !== 0 || $reply->code === 0)) {
            $this->fail('the answer is to another question');
        }
        if ($reply->code !== 0 && $reply->code !== 404) {
            if ($reply->id === 0 || $reply->code === 401) {
                $this->close(); // the bridge does, too
            }
            $why = json_decode($reply->meta, true)['error'] ?? 'no reason given';
            throw new ClientException("fpmbridge refused ({$reply->code}): $why", $reply->code);
        }
        return $reply;
    }

    /**
     * Sends a question, behind the hello of a connection that has not said it.
     *
     * @return bool false: nothing of it has left, and another connection may be tried
     * @throws ClientException if a part of it has
     */
    private function send(string $bytes): bool
    {
        $fresh = (self::$greeted[(int) $this->stream] ?? null) !== $this->key;
        if ($fresh) {
            $hello = json_encode(['client' => 1, 'php' => PHP_VERSION]);
            $bytes = Wire::pack(Wire::HELLO, 0, 0, 0, 0, 0, 0, $hello, $this->key) . $bytes;
            self::$greeted[(int) $this->stream] = $this->key;
        }
        $sent = @fwrite($this->stream, $bytes);
        if ($sent === strlen($bytes)) {
            return true;
        }
        if (!$this->local || ($sent !== false && $sent !== 0)) {
            $this->fail('the question could not be sent');
        }
        return false;
    }

    /**
     * The bytes of one answer.
     */
    private function receive(): string
    {
        // One read has all of most answers. stream_get_contents() would look for the end of the stream each time.
        $bytes = (string) @fread($this->stream, self::READ);
        while (strlen($bytes) < Wire::HEADER) {
            $bytes .= $this->more(Wire::HEADER - strlen($bytes));
        }
        $length = unpack('N', $bytes)[1];
        if (ord($bytes[4]) !== Wire::REPLY || unpack('N', $bytes, Wire::HEADER - 4)[1] > $length) {
            $this->fail('this is not the API of fpmbridge');
        }
        $length += Wire::HEADER;
        while (strlen($bytes) < $length) {
            $bytes .= $this->more($length - strlen($bytes));
        }
        return strlen($bytes) === $length ? $bytes : substr($bytes, 0, $length);
    }

    /**
     * Between 1 and $length bytes.
     */
    private function more(int $length): string
    {
        $bytes = (string) @fread($this->stream, $length);
        if ($bytes === '') {
            $this->fail('no answer');
        }
        return $bytes;
    }

    private function connect(): void
    {
        if (!is_resource($this->stream)) {
            $this->stream = null; // another client of this process has closed the connection that they shared
        }
        if ($this->stream !== null) {
            if ($this->local) {
                return; // that it ended shows when it is written to
            }
            // What can be read while nothing was asked is the end of the connection, or an answer that nobody waited
            // for.
            $read = [$this->stream];
            $write = $except = null;
            if (@stream_select($read, $write, $except, 0) === 0) {
                return;
            }
            $this->close();
        }
        [$scheme, $place] = explode(':', $this->address, 2) + [1 => ''];
        if (($scheme !== 'unix' && $scheme !== 'tcp') || $place === '') {
            $want = 'unix:/path, tcp:host:port or http://host:port';
            throw new ClientException("{$this->address} is no address: want $want", ClientException::UNREACHABLE);
        }
        for ($try = 0; $try < 2; $try++) {
            $stream = @stream_socket_client(
                "$scheme://" . ($scheme === 'tcp' ? ltrim($place, '/') : $place),
                $errno,
                $error,
                $this->connectTimeout,
                STREAM_CLIENT_CONNECT | ($this->persistent ? STREAM_CLIENT_PERSISTENT : 0)
            );
            if ($stream === false) {
                $why = $error === '' ? 'no connection in time' : $error;
                throw new ClientException(
                    "fpmbridge cannot be reached at {$this->address}: $why. Does it run, and is this its api.listen?",
                    ClientException::UNREACHABLE
                );
            }
            $this->stream = $stream;
            $read = [$stream];
            $write = $except = null;
            if (ftell($stream) === 0 || @stream_select($read, $write, $except, 0) === 0) {
                break;
            }
            $this->close();
        }
        if (ftell($stream) === 0) {
            unset(self::$greeted[(int) $stream]);
        }
        $this->patience($this->timeout);
    }

    /**
     * How long one read may take, in seconds.
     */
    private function patience(float $timeout): void
    {
        $seconds = (int) $timeout;
        stream_set_timeout($this->stream, $seconds, (int) (($timeout - $seconds) * 1e6));
    }

    /**
     * @return never
     */
    private function fail(string $what): void
    {
        $late = $this->stream !== null && stream_get_meta_data($this->stream)['timed_out'];
        $this->close();
        throw new ClientException(
            "fpmbridge at {$this->address}: $what" . ($late ? " in {$this->timeout} s" : ': the connection broke'),
            $late ? ClientException::TIMEOUT : ClientException::BROKEN
        );
    }

    private function close(): void
    {
        if (is_resource($this->stream)) {
            unset(self::$greeted[(int) $this->stream]);
            fclose($this->stream);
        }
        $this->stream = null;
    }
}
