<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * Questions about all connections of the bridge. An answer is kept until the event is over; each question costs one
 * round trip on the callback socket.
 *
 * Every method throws CallbackException when the bridge gives no answer.
 */
final class Connections
{
    private Queries $queries;

    /** A WebSocket that is open: status(). */
    public const WEBSOCKET = 3;
    /** Plain HTTP, or TCP: status(). */
    public const PLAIN = 0;

    /** How long an answer is kept at most, in nanoseconds; 0: until the event is over. */
    public int $life = 0;

    /** When what is known was asked for. */
    private int $since = 0;

    /**
     * After so many questions about single connections in one event, a script is taken to go through many: they are
     * asked for as a list, of the first so many (0: all).
     */
    private const LISTS = [4 => 1024, 64 => 16384, 512 => 0];

    /**
     * @internal to be read by who pushes to many, where $life is 0
     * @var array<int, int> the status of those that were asked for; -1: not open
     */
    public array $known = [];

    /** All connections up to this one are known. */
    private int $complete = 0;

    /** How many single ones were asked for. */
    private int $asked = 0;

    /** @var array<int, int>|null all connections, keys from 1 */
    private ?array $all = null;

    public function __construct(Queries $queries)
    {
        $this->queries = $queries;
    }

    /**
     * The connections of the bridge that runs this script.
     *
     * @throws \LogicException outside of the bridge
     */
    public static function current(): self
    {
        return Runtime::require()->connections();
    }

    /**
     * Whether a connection is open: neither closed nor closing.
     */
    public function exists(int $fd): bool
    {
        return $this->status($fd) >= 0;
    }

    /**
     * What is spoken on a connection.
     *
     * @return int Connections::WEBSOCKET, Connections::PLAIN, 2 during its handshake; -1: it is not open
     */
    public function status(int $fd): int
    {
        if ($this->life > 0) {
            $this->age();
        }
        return $this->known[$fd] ?? $this->find($fd);
    }

    private function find(int $fd): int
    {
        $limit = self::LISTS[$this->asked++] ?? -1;
        if ($limit >= 0 && $fd > $this->complete) {
            $fds = (array) $this->list(0, $limit);
            $this->complete = $fds === [] ? 0 : max($fds);
        }
        if ($fd > $this->complete && !isset($this->known[$fd])) {
            $reply = $this->queries->ask(Wire::EXISTS, $fd, 0);
            $this->known[$fd] = $reply->code === 0 ? $reply->fd : -1;
        }
        return $this->known[$fd] = $this->known[$fd] ?? -1;
    }

    /**
     * What the bridge knows of a connection; null if there is none. While the close event of a connection runs, it
     * still answers.
     *
     * @return array{fd: int, status: int, listener: int, remote_addr: string, remote_port: int, server_addr: string,
     *     server_port: int, tls: bool, connect_time: float, recv_time: float, send_time: float, dispatch_time: float,
     *     inbox_bytes: int, outbox_bytes: int, subprotocol: string, compression: bool}|null times are unix seconds;
     *     status 0 plain HTTP, 2 handshake, 3 active, 4 closing or closed
     */
    public function info(int $fd): ?array
    {
        if ($fd < 1) {
            return null;
        }
        $reply = $this->queries->ask(Wire::INFO, $fd, 0);
        if ($reply->code !== 0) {
            return null;
        }
        $info = json_decode($reply->meta, true);
        return is_array($info) ? $info : null;
    }

    /**
     * Open connections in ascending order. Without arguments all of them, asked for once per event.
     *
     * @param int $after start after this one; 0: from the first
     * @param int $limit at most that many; 0: all
     * @param int $listener only those that came by this one (0 to 254); -1: all
     * @return array<int, int>|null keys from 1; null when $after is not open
     */
    public function list(int $after = 0, int $limit = 0, int $listener = -1): ?array
    {
        if ($this->life > 0) {
            $this->age();
        }
        $all = $after === 0 && $limit === 0 && $listener < 0;
        if ($all && $this->all !== null) {
            return $this->all;
        }
        $reply = $this->queries->ask(Wire::LIST, $after, min($limit, 0xffffff) | ($listener + 1) << 24);
        if ($reply->code !== 0) {
            return null;
        }
        $count = intdiv(strlen($reply->data), 9);
        $fds = $count === 0 ? [] : unpack("J$count", $reply->data);
        if ($count > 0) {
            $this->known += array_combine($fds, unpack("C$count", $reply->data, 8 * $count));
        }
        if ($all) {
            $this->all = $fds;
        }
        return $fds;
    }

    /**
     * How many connections are open, those that are closing included.
     *
     * @param int $listener as for list()
     */
    public function count(int $listener = -1): int
    {
        return $this->queries->ask(Wire::COUNT, 0, ($listener + 1) << 24)->fd;
    }

    /**
     * The connections that sent nothing for the script's heartbeat_idle_time, without protected ones.
     *
     * @param bool $end close them, too
     * @return list<int>
     */
    public function idle(bool $end): array
    {
        $data = $this->queries->ask(Wire::HEARTBEAT, 0, (int) $end)->data;
        return $data === '' ? [] : array_values(unpack('J*', $data));
    }

    private function age(): void
    {
        $now = hrtime(true);
        if ($now > $this->since + $this->life) {
            $this->forget();
            $this->since = $now;
        }
    }

    /**
     * Forgets the answers: a new event has begun.
     */
    public function forget(): void
    {
        $this->known = [];
        $this->all = null;
        $this->complete = $this->asked = 0;
    }
}
