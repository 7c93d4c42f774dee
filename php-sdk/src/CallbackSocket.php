<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * The callback socket of docs/protocol.md section 7, on a connection that the PHP-FPM child keeps for later requests.
 */
final class CallbackSocket implements Queries
{
    private const CONNECT_TIMEOUT = 2.0;
    private const READ_TIMEOUT = 5;

    /** For what waits for a slow client, in seconds: the bridge gives up before. */
    private const SLOW = 3600;

    /** A day: the bridge ends a wait for shared memory long before, and its end ends the connection. */
    private const FOREVER = 86400;

    /** The codes of replies that are answers. */
    private const FOUND = [0 => true, 404 => true, 410 => true];
    private const SHARED = [
        0 => true, 403 => true, 404 => true, 408 => true, 409 => true, 410 => true, 412 => true, 423 => true,
        507 => true,
    ];

    private string $address;
    private string $token;

    /** @var resource|null */
    private $stream = null;

    /**
     * Why PHP cannot ask the bridge; '' if it can.
     */
    public static function refusal(): string
    {
        return function_exists('stream_socket_client') ? ''
            : 'disable_functions of the pool has stream_socket_client(), with which PHP asks the bridge: allow it';
    }

    /**
     * @param string $address `unix:/path` or `tcp:host:port`, as BRIDGE_CALLBACK says it
     */
    public function __construct(string $address, string $token)
    {
        $this->address = $address;
        $this->token = $token;
    }

    public function ask(int $type, int $fd, int $code): Event
    {
        return $this->twice($type, 0, 0, $fd, $code, '', '', self::READ_TIMEOUT);
    }

    public function send(
        int $type,
        int $flags,
        int $opcode,
        int $fd,
        int $code,
        string $meta,
        string $data,
        int $wait = 0
    ): Event {
        return $this->twice($type, $flags, $opcode, $fd, $code, $meta, $data, self::SLOW + $wait);
    }

    private function twice(
        int $type,
        int $flags,
        int $opcode,
        int $fd,
        int $code,
        string $meta,
        string $data,
        int $timeout
    ): Event {
        // Two tries: a kept connection may have died, or been left by a run that was killed in mid-question.
        $kept = $this->connect();
        $question = [$type, $flags, $opcode, $fd, $code, $meta, $data, $timeout, false];
        $reply = $this->exchange(...$question);
        if ($reply === null && $kept && !stream_get_meta_data($this->stream)['timed_out']) {
            $this->close();
            $this->connect();
            $reply = $this->exchange(...$question);
        }
        return $this->checked($reply, self::FOUND);
    }

    /**
     * A process that was forked gives its copy of the connection up; the other one keeps it.
     */
    public function leave(): void
    {
        $this->close();
    }

    public function share(int $type, int $operation, int $key, int $code, string $data, float $wait = 0.0): Event
    {
        $kept = $this->connect();
        $timeout = $wait < 0 ? self::FOREVER : (int) $wait + self::READ_TIMEOUT;
        $reply = $this->exchange($type, 0, $operation, $key, $code, '', $data, $timeout, true);
        if ($reply === null && $kept && feof($this->stream)) {
            // The bridge is another one than the connection was made to, or closed it while it was idle. In any other
            // case it may have done what it was asked to.
            $this->close();
            $this->connect();
            $reply = $this->exchange($type, 0, $operation, $key, $code, '', $data, $timeout, true);
        }
        return $this->checked($reply, self::SHARED);
    }

    /**
     * @param array<int, true> $codes what the caller understands
     */
    private function checked(?Event $reply, array $codes): Event
    {
        if ($reply === null) {
            $this->close();
            throw new CallbackException("the bridge gave no answer on its callback socket {$this->address}");
        }
        if (!isset($codes[$reply->code])) {
            $this->close();
            $why = json_decode($reply->meta, true)['error'] ?? 'no reason given';
            throw new CallbackException("the bridge refused a question ({$reply->code}): $why", $reply->code);
        }
        return $reply;
    }

    /**
     * @return bool whether the connection was used before
     */
    private function connect(): bool
    {
        if ($this->stream !== null) {
            return true;
        }
        if ($this->address === '') {
            throw new CallbackException('the bridge named no callback socket (BRIDGE_CALLBACK) to ask');
        }
        [$scheme, $place] = explode(':', $this->address, 2) + [1 => ''];
        $stream = @stream_socket_client(
            "$scheme://$place",
            $errno,
            $error,
            self::CONNECT_TIMEOUT,
            STREAM_CLIENT_CONNECT | STREAM_CLIENT_PERSISTENT
        );
        if ($stream === false) {
            throw new CallbackException("the bridge's callback socket {$this->address} cannot be reached: $error");
        }
        $this->stream = $stream;
        stream_set_timeout($stream, self::READ_TIMEOUT);
        // A stream's position counts what went over it: 0 for one that is new.
        if (ftell($stream) > 0) {
            return true;
        }
        $meta = Wire::json(['sdk' => Runtime::VERSION, 'php' => PHP_VERSION]);
        @fwrite($stream, Wire::pack(Wire::HELLO, 0, 0, 0, 0, 0, 0, $meta, $this->token));
        return false;
    }

    /**
     * @param bool $patient replies to other questions, which a run did not wait for, are passed over
     * @return Event|null null when the connection is dead or answers another question
     */
    private function exchange(
        int $type,
        int $flags,
        int $opcode,
        int $fd,
        int $code,
        string $meta,
        string $data,
        int $timeout,
        bool $patient
    ): ?Event {
        // Nanoseconds since boot: no two questions of this process have the same id, in whatever request.
        $id = hrtime(true);
        $question = Wire::pack($type, $flags, $opcode, 0, $id, $fd, $code, $meta, $data);
        if ($timeout !== self::READ_TIMEOUT) {
            stream_set_timeout($this->stream, $timeout);
        }
        if (@fwrite($this->stream, $question) !== strlen($question)) {
            return null;
        }
        do {
            $bytes = (string) @stream_get_contents($this->stream, Wire::HEADER);
            if (strlen($bytes) !== Wire::HEADER) {
                return null;
            }
            $length = unpack('N', $bytes)[1];
            if ($length > 0) {
                $rest = (string) @stream_get_contents($this->stream, $length);
                if (strlen($rest) !== $length) {
                    return null;
                }
                $bytes .= $rest;
            }
            try {
                $reply = Wire::read($bytes)[0];
            } catch (WireException $garbage) {
                return null;
            }
            // A refused hello is answered with id 0, and so is a connection too many.
            $ours = $reply->id === $id || $reply->id === 0 && $reply->code !== 0;
        } while (!$ours && $patient && $reply->type === Wire::REPLY);
        if ($timeout !== self::READ_TIMEOUT) {
            stream_set_timeout($this->stream, self::READ_TIMEOUT);
        }
        return $ours && $reply->type === Wire::REPLY ? $reply : null;
    }

    private function close(): void
    {
        if ($this->stream !== null) {
            fclose($this->stream);
            $this->stream = null;
        }
    }

    /**
     * Nothing of it is the script's: print_r() of a server would be megabytes otherwise, with secrets.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
