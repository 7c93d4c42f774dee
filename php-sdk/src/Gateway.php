<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * Rooms, users and pushes inside of an event: instructions of its answer, carried out in order with the event's
 * others, or not at all if the event fails. docs/push.md. Elsewhere, and for results, use Client.
 *
 *     Gateway::current()->join($fd, 'room');
 *     Gateway::current()->pushToGroup('room', 'somebody came');
 *
 * A target is a Target, an fd, or a list of fds.
 */
final class Gateway
{
    use Questions;

    public const TEXT = 1;
    public const BINARY = 2;
    public const PING = 9;
    public const PONG = 10;

    private Reply $reply;
    private Queries $queries;

    public function __construct(Reply $reply, Queries $queries)
    {
        $this->reply = $reply;
        $this->queries = $queries;
    }

    /**
     * That of the event that is handled.
     *
     * @throws \LogicException outside of the bridge
     */
    public static function current(): self
    {
        $runtime = Runtime::require();
        return new self($runtime->reply, $runtime->queries());
    }

    /**
     * @param Target|int|iterable<int> $target
     */
    public function to($target): Addressed
    {
        return new Addressed($this, Target::from($target));
    }

    /**
     * @param string|int|iterable<string|int> $uids
     */
    public function toUid($uids): Addressed
    {
        return new Addressed($this, Target::uids($uids));
    }

    /**
     * @param string|int|iterable<string|int> $groups
     */
    public function toGroup($groups): Addressed
    {
        return new Addressed($this, Target::groups($groups));
    }

    public function toAll(): Addressed
    {
        return new Addressed($this, Target::all());
    }

    /**
     * @param Target|int|iterable<int> $target
     * @param int $opcode TEXT (UTF-8), BINARY, PING or PONG (at most 125 bytes)
     */
    public function push($target, string $data, int $opcode = self::TEXT): void
    {
        $this->operate(1, Target::from($target), $opcode, [], $data);
    }

    /**
     * @param string|int|iterable<string|int> $uids
     */
    public function pushToUid($uids, string $data, int $opcode = self::TEXT): void
    {
        $this->push(Target::uids($uids), $data, $opcode);
    }

    /**
     * @param string|int|iterable<string|int> $groups
     * @param int|iterable<int> $exceptFds
     */
    public function pushToGroup($groups, string $data, int $opcode = self::TEXT, $exceptFds = []): void
    {
        $this->push(Target::groups($groups)->exceptFds($exceptFds), $data, $opcode);
    }

    /**
     * @param int|iterable<int> $exceptFds
     */
    public function pushToAll(string $data, int $opcode = self::TEXT, $exceptFds = []): void
    {
        $this->push(Target::all()->exceptFds($exceptFds), $data, $opcode);
    }

    /**
     * @param Target|int|iterable<int> $target
     * @param int $code 1000, 1001, 1003, 1007 to 1014 or 3000 to 4999
     * @param string $reason UTF-8, at most 123 bytes
     */
    public function close($target, int $code = 1000, string $reason = ''): void
    {
        $this->operate(2, Target::from($target), $code, [], $reason);
    }

    /**
     * @param Target|int|iterable<int> $target
     * @param string|int|iterable<string|int> $groups
     */
    public function join($target, $groups): void
    {
        $this->operate(3, Target::from($target), 0, Target::names($groups), '');
    }

    /**
     * @param Target|int|iterable<int> $target
     * @param string|int|iterable<string|int> $groups
     */
    public function leave($target, $groups): void
    {
        $this->operate(4, Target::from($target), 0, Target::names($groups), '');
    }

    /**
     * Takes everybody out of groups.
     *
     * @param string|int|iterable<string|int> $groups
     */
    public function dissolve($groups): void
    {
        $this->operate(5, Target::none(), 0, Target::names($groups), '');
    }

    /**
     * Makes a user the one of a connection, in the place of another one. A user may have several connections.
     *
     * @param Target|int|iterable<int> $target
     * @param string|int $uid
     * @param int $code not 0: the user's other connections are closed with it (single sign-on)
     */
    public function bindUid($target, $uid, int $code = 0, string $reason = ''): void
    {
        $this->operate(6, Target::from($target), $code, Target::names($uid), $reason);
    }

    /**
     * @param Target|int|iterable<int> $target
     */
    public function unbindUid($target): void
    {
        $this->operate(7, Target::from($target), 0, [], '');
    }

    /**
     * Gives connections other attributes: what the script knows of a client, sent along with each of its events.
     *
     * @param Target|int|iterable<int> $target
     * @param array<array-key, mixed> $attributes at most 4096 bytes as JSON; [] for none
     */
    public function setAttributes($target, array $attributes): void
    {
        $this->attribute(8, Target::from($target), $attributes);
    }

    /**
     * Changes attributes: each key takes the place of what was there, null takes the key away, arrays with keys are
     * merged in the same way (RFC 7396).
     *
     * @param Target|int|iterable<int> $target
     * @param array<array-key, mixed> $changes
     */
    public function mergeAttributes($target, array $changes): void
    {
        $this->attribute(9, Target::from($target), $changes);
    }

    /**
     * A connection's attributes; null if there is no such connection. Those of the event's own connection came with
     * the event, and what this event changes shows at once; others, and all in a resident worker, are asked for.
     *
     * @param int|null $fd default: the connection that the event is about
     * @return array<array-key, mixed>|null
     */
    public function attributes(?int $fd = null): ?array
    {
        $event = self::event($fd);
        if ($event !== null) {
            return $event->attributes();
        }
        $run = Runtime::current();
        $own = $run !== null && $run->event !== null ? $run->event->fd : 0;
        $fd = $fd ?? $own;
        if ($own > 0 && $fd === $own && $run->event->type === Wire::CLOSE) {
            // A resident worker's: only info knows of a connection that is over.
            return (array) ($run->connections()->info($fd)['attributes'] ?? []);
        }
        return $this->ask(9, '', $fd, '', 0)['info'];
    }

    /**
     * @param array<array-key, mixed> $attributes
     */
    private function attribute(int $operation, Target $target, array $attributes): void
    {
        $json = Client\Frames::attributes($attributes);
        $run = Runtime::current();
        if ($run !== null && $run->worker !== null) {
            // The next event of the connection may be on its way to this worker already: it will ask.
            Client\Frames::check($operation, $target, 0, [], $json);
            [$fd, $meta] = $target->pack();
            $this->queries->send(150, (int) $target->all, $operation, $fd, 0, $meta, $json);
            return;
        }
        $this->operate($operation, $target, 0, [], $json);
        $event = count($target->fds) === 1 ? self::event($target->fds[0]) : null;
        if ($event !== null) {
            $event->change(json_decode($json, true), $operation === 9);
        }
    }

    /**
     * The event in hand, if it is that of a connection, brings the connection's attributes, and is about $fd.
     */
    private static function event(?int $fd): ?Event
    {
        $run = Runtime::current();
        $event = $run === null ? null : $run->event;
        if ($event === null || $event->fd < 1 || ($fd !== null && $event->fd !== $fd)) {
            return null;
        }
        // To a resident worker, only the last event of a connection brings them.
        return $run->worker === null || $event->type === Wire::CLOSE ? $event : null;
    }

    /**
     * @param list<string> $into
     */
    private function operate(int $operation, Target $target, int $code, array $into, string $data): void
    {
        Client\Frames::check($operation, $target, $code, $into, $data);
        [$fd, $meta] = $target->pack($into);
        $this->reply->add(Wire::pack(80, (int) $target->all, $operation, 0, 0, $fd, $code, $meta, $data));
    }

    /**
     * @return array<string, mixed>
     */
    protected function ask(int $what, string $name, int $fd, string $after, int $limit, int $flags = 0): array
    {
        $reply = $this->queries->send(151, $flags, $what, $fd, $limit, $name, $after);
        return Client\Frames::answer($what, $reply->code, $reply->fd, $reply->meta, $reply->data);
    }
}
