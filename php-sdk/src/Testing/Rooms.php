<?php

declare(strict_types=1);

namespace FpmBridge\Testing;

use Closure;
use FpmBridge\Client\Frames;
use FpmBridge\Event;
use FpmBridge\Wire;

/**
 * Groups, users and attributes of a FakeBridge, and the operations on them: docs/protocol.md section 12.
 */
final class Rooms
{
    private const DONE = 0;
    private const FULL = 3;
    private const GONE = 4;
    private const UNKNOWN = 5;

    private const MAX_ATTRIBUTES = 4096;

    /** @var Closure(int): int the outcome for a connection: DONE if it can be met, GONE, UNKNOWN */
    private Closure $state;

    /** @var Closure(): list<int> the WebSockets */
    private Closure $all;

    /** @var Closure(int, int, string, int): void what is done to a connection: fd, operation 1 or 2, data, code */
    private Closure $carry;

    /** @var array<array-key, array<int, true>> group => its connections */
    private array $groups = [];

    /** @var array<int, string> connection => its user */
    private array $uids = [];

    /** @var array<int, array<array-key, mixed>> connection => its attributes */
    private array $attributes = [];

    /**
     * @param Closure(int): int $state
     * @param Closure(): list<int> $all
     * @param Closure(int, int, string, int): void $carry
     */
    public function __construct(Closure $state, Closure $all, Closure $carry)
    {
        $this->state = $state;
        $this->all = $all;
        $this->carry = $carry;
    }

    /**
     * A connection's end has begun. Its attributes stay: the close event has them.
     */
    public function drop(int $fd): void
    {
        unset($this->uids[$fd]);
        foreach (array_keys($this->groups) as $group) {
            $this->leave($fd, (string) $group);
        }
    }

    public function forget(int $fd): void
    {
        $this->drop($fd);
        unset($this->attributes[$fd]);
    }

    /**
     * @return array<array-key, mixed>
     */
    public function attributes(int $fd): array
    {
        return $this->attributes[$fd] ?? [];
    }

    /**
     * Carries an operation out.
     *
     * @return string the payload of the reply to query 150
     */
    public function operate(Event $op): string
    {
        $named = self::items($op->meta);
        $counts = array_fill(0, 6, 0);
        if ($op->opcode === 5) {
            foreach ($named[7] as $group) {
                $members = array_keys($this->groups[$group] ?? []);
                $counts[$members === [] ? self::UNKNOWN : self::DONE] += max(1, count($members));
                unset($this->groups[$group]);
            }
            return pack('N6', ...$counts);
        }
        $met = [];
        foreach ($this->members($named[4], $named[5], $named[6]) as $fd) {
            $met[$fd] = self::UNKNOWN + 1;
        }
        $each = '';
        foreach ($this->targets($op, $named) as $fds) {
            $best = self::UNKNOWN + 1;
            foreach ($fds as $fd) {
                if (!isset($met[$fd])) {
                    $met[$fd] = $this->one($fd, $op, $named[7]);
                    $counts[$met[$fd]]++;
                }
                $best = min($best, $met[$fd]);
            }
            if ($fds === []) {
                $counts[self::UNKNOWN]++;
            }
            $each .= chr(min($best, self::UNKNOWN));
        }
        return pack('N6', ...$counts) . (($op->flags & 1) !== 0 ? '' : $each);
    }

    /**
     * Answers a question.
     */
    public function ask(Event $question, Event $reply): void
    {
        $after = $question->fd;
        $from = $question->data;
        $name = $question->meta;
        $limit = $question->code;
        switch ($question->opcode) {
            case 1:
                $this->page($reply, array_keys($this->uids, $name, true), $after, $limit);
                break;
            case 2:
                $this->page($reply, array_keys($this->groups[$name] ?? []), $after, $limit);
                break;
            case 3:
                $this->page($reply, ($this->all)(), $after, $limit);
                break;
            case 4:
                $this->names($reply, array_map('count', $this->groups), $from, $limit);
                break;
            case 5:
                $this->names($reply, array_count_values($this->uids), $from, $limit);
                break;
            case 6:
                $uids = array_intersect_key($this->uids, $this->groups[$name] ?? []);
                $this->names($reply, array_count_values($uids), $from, $limit);
                break;
            case 9:
                $reply->code = ($this->state)($after) === self::DONE ? 0 : 404;
                $reply->meta = $this->attributes($after) === [] ? '{}' : Wire::json($this->attributes($after));
                break;
            case 10:
                $fds = $name === '' ? ($this->all)() : array_keys($this->groups[$name] ?? []);
                $page = new Event();
                $this->page($page, $fds, $after, $limit);
                [$reply->fd, $reply->flags] = [$page->fd, $page->flags];
                foreach ($page->data === '' ? [] : unpack('J*', $page->data) as $fd) {
                    $own = ($question->flags & 1) !== 0 ? $this->attributes($fd) : [];
                    $json = $own === [] ? '' : Wire::json($own);
                    $groups = $this->of($fd);
                    $reply->data .= pack('J', $fd) . self::name($this->uids[$fd] ?? '') . pack('N', count($groups))
                        . implode('', array_map([self::class, 'name'], $groups)) . pack('N', strlen($json)) . $json;
                }
                break;
            case 11:
                foreach (Frames::uids($name) as $uid) {
                    $page = new Event();
                    $this->page($page, array_keys($this->uids, $uid, true), 0, $limit);
                    $reply->fd++;
                    $reply->data .= pack('NN', $page->fd, intdiv(strlen($page->data), 8)) . $page->data;
                }
                break;
            default:
                $reply->code = 501;
        }
    }

    /**
     * The payload of the answer about one connection: its user and groups.
     */
    public function describe(int $fd): string
    {
        return self::name($this->uids[$fd] ?? '') . implode('', array_map([self::class, 'name'], $this->of($fd)));
    }

    /**
     * @return array{groups: int, uids: int}
     */
    public function count(): array
    {
        return ['groups' => count($this->groups), 'uids' => count(array_unique($this->uids))];
    }

    /**
     * @param list<string> $into
     */
    private function one(int $fd, Event $op, array $into): int
    {
        $state = ($this->state)($fd);
        if ($state !== self::DONE) {
            return $state;
        }
        switch ($op->opcode) {
            case 1:
            case 2:
                ($this->carry)($fd, $op->opcode, $op->data, $op->code);
                break;
            case 3:
                foreach ($into as $group) {
                    $this->groups[$group][$fd] = true;
                }
                break;
            case 4:
                foreach ($into as $group) {
                    $this->leave($fd, $group);
                }
                break;
            case 6:
                $this->uids[$fd] = $into[0];
                foreach ($op->code === 0 ? [] : array_keys($this->uids, $into[0], true) as $other) {
                    if ($other !== $fd) {
                        ($this->carry)($other, 2, $op->data, $op->code);
                    }
                }
                break;
            case 7:
                unset($this->uids[$fd]);
                break;
            case 8:
            case 9:
                $own = new Event();
                $own->change($this->attributes($fd), false);
                $own->change((array) json_decode($op->data, true), $op->opcode === 9);
                if (strlen(Wire::json($own->attributes())) > self::MAX_ATTRIBUTES) {
                    return self::FULL;
                }
                $this->attributes[$fd] = $own->attributes();
                break;
        }
        return self::DONE;
    }

    /**
     * @param array<int, list<mixed>> $named
     * @return list<list<int>> the connections of each target
     */
    private function targets(Event $op, array $named): array
    {
        if (($op->flags & 1) !== 0) {
            return [($this->all)()];
        }
        $targets = array_map(static fn(int $fd): array => [$fd], $op->fd > 0 ? [$op->fd] : $named[1]);
        foreach ($named[2] as $uid) {
            $targets[] = array_keys($this->uids, $uid, true);
        }
        foreach ($named[3] as $group) {
            $targets[] = array_keys($this->groups[$group] ?? []);
        }
        return $targets;
    }

    /**
     * @param list<int> $fds
     * @param list<string> $uids
     * @param list<string> $groups
     * @return list<int>
     */
    private function members(array $fds, array $uids, array $groups): array
    {
        foreach ($uids as $uid) {
            $fds = array_merge($fds, array_keys($this->uids, $uid, true));
        }
        foreach ($groups as $group) {
            $fds = array_merge($fds, array_keys($this->groups[$group] ?? []));
        }
        return $fds;
    }

    private function leave(int $fd, string $group): void
    {
        unset($this->groups[$group][$fd]);
        if (($this->groups[$group] ?? []) === []) {
            unset($this->groups[$group]);
        }
    }

    /**
     * @return list<string> a connection's groups, in the order of their bytes
     */
    private function of(int $fd): array
    {
        $groups = [];
        foreach ($this->groups as $group => $members) {
            if (isset($members[$fd])) {
                $groups[] = (string) $group;
            }
        }
        sort($groups, SORT_STRING);
        return $groups;
    }

    /**
     * @param list<int> $fds
     */
    private function page(Event $reply, array $fds, int $after, int $limit): void
    {
        sort($fds);
        $reply->fd = count($fds);
        $rest = array_values(array_filter($fds, static fn(int $fd): bool => $fd > $after));
        $page = array_slice($rest, 0, $limit);
        $reply->flags = (int) (count($page) < count($rest) && $limit > 0);
        $reply->data = $page === [] ? '' : pack('J*', ...$page);
    }

    /**
     * @param array<array-key, int> $counts
     */
    private function names(Event $reply, array $counts, string $after, int $limit): void
    {
        ksort($counts, SORT_STRING);
        $reply->fd = count($counts);
        foreach ($counts as $name => $count) {
            if (strcmp((string) $name, $after) > 0 && $limit-- > 0) {
                $reply->data .= self::name((string) $name) . pack('N', $count);
            }
        }
        $reply->flags = (int) ($limit < 0);
    }

    private static function name(string $name): string
    {
        return chr(strlen($name)) . $name;
    }

    /**
     * Meta of an operation.
     *
     * @return array<int, list<mixed>> by tag
     */
    private static function items(string $meta): array
    {
        $items = array_fill(1, 7, []);
        for ($at = 0, $end = strlen($meta); $at < $end; $at += 2 + $length) {
            [$tag, $length] = [ord($meta[$at]), ord($meta[$at + 1])];
            $bytes = (string) substr($meta, $at + 2, $length);
            $items[$tag][] = $tag === 1 || $tag === 4 ? unpack('J', $bytes)[1] : $bytes;
        }
        return $items;
    }
}
