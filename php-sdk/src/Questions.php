<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * What Client and Gateway ask about connections, users and groups, in the same words: docs/protocol.md section 12.
 */
trait Questions
{
    /**
     * @param int $what the number of the question
     * @return array<string, mixed> its answer, as Client\Frames::answer() reads it
     */
    abstract protected function ask(
        int $what,
        string $name,
        int $fd,
        string $after,
        int $limit,
        int $flags = 0
    ): array;

    /**
     * Whether a user has a connection.
     *
     * @param string|int $uid
     */
    public function isOnline($uid): bool
    {
        return $this->ask(1, (string) $uid, 0, '', 0)['total'] > 0;
    }

    /**
     * A user's connections, ascending.
     *
     * @param string|int $uid
     * @return list<int>
     */
    public function fdsOfUid($uid): array
    {
        return $this->ask(1, (string) $uid, 0, '', 65536)['fds'];
    }

    /**
     * The connections of several users, in one question for all of them (over HTTP, in one for each).
     *
     * @param string|int|iterable<string|int> $uids
     * @return array<array-key, list<int>> by uid, in the order of $uids: ascending, at most 65,536 of each, [] for one
     *     who has none
     */
    public function fdsOfUids($uids): array
    {
        $names = array_values(array_unique(Target::names($uids)));
        $lists = array_fill_keys($names, []);
        for ($at = 0, $count = count($names); $at < $count; $at += count($found)) {
            $list = '';
            for ($i = $at; $i < $count && strlen($list) < 32768; $i++) { // a question may have twice that
                $list .= "\2" . chr(strlen($names[$i])) . $names[$i];
            }
            $found = $this->ask(11, $list, 0, '', 65536)['lists'];
            if ($found === []) {
                break;
            }
            foreach ($found as $i => $fds) {
                $lists[$names[$at + $i]] = $fds;
            }
        }
        return $lists;
    }

    /**
     * The connections in a group, ascending, at most 65,536 of them.
     *
     * @param string|int $group
     * @param int $after start after this one
     * @return list<int>
     */
    public function fdsInGroup($group, int $after = 0, int $limit = 65536): array
    {
        return $this->ask(2, (string) $group, $after, '', $limit)['fds'];
    }

    /**
     * All WebSockets, ascending, at most 65,536 of them.
     *
     * @return list<int>
     */
    public function fds(int $after = 0, int $limit = 65536): array
    {
        return $this->ask(3, '', $after, '', $limit)['fds'];
    }

    /**
     * Groups with how many connections are in each, in the order of their bytes. PHP makes ints of keys that look like
     * one.
     *
     * @return array<array-key, int>
     */
    public function groups(string $after = '', int $limit = 65536): array
    {
        return $this->ask(4, '', 0, $after, $limit)['names'];
    }

    /**
     * Users with how many connections each has.
     *
     * @return array<array-key, int>
     */
    public function uids(string $after = '', int $limit = 65536): array
    {
        return $this->ask(5, '', 0, $after, $limit)['names'];
    }

    /**
     * The users in a group with how many connections each has there.
     *
     * @param string|int $group
     * @return array<array-key, int>
     */
    public function uidsInGroup($group, string $after = '', int $limit = 65536): array
    {
        return $this->ask(6, (string) $group, 0, $after, $limit)['names'];
    }

    /**
     * Connections, ascending, with the user and the groups of each: all WebSockets, or those in a group. A page may end
     * before its limit; the next one starts after the last connection of this one, and the last one is empty.
     *
     * @param string|int $group '': all WebSockets
     * @param int $after start after this one
     * @param bool $attributes with their attributes; else those are []
     * @return list<array{fd: int, uid: string|null, groups: list<string>, attributes: array<array-key, mixed>}>
     */
    public function members($group = '', int $after = 0, int $limit = 65536, bool $attributes = false): array
    {
        return $this->ask(10, (string) $group, $after, '', $limit, (int) $attributes)['members'];
    }

    /**
     * @param string|int $group
     */
    public function countInGroup($group): int
    {
        return $this->ask(2, (string) $group, 0, '', 0)['total'];
    }

    public function countConnections(): int
    {
        return $this->ask(3, '', 0, '', 0)['total'];
    }

    public function countGroups(): int
    {
        return $this->ask(4, '', 0, '', 0)['total'];
    }

    public function countUids(): int
    {
        return $this->ask(5, '', 0, '', 0)['total'];
    }

    /**
     * What is known of a connection, as docs/protocol.md section 4 has it, with its user and groups; null if there is
     * none.
     *
     * @return array{connection: array<string, mixed>, uid: string|null, groups: list<string>}|null
     */
    public function info(int $fd): ?array
    {
        return $this->ask(7, '', $fd, '', 0)['info'];
    }
}
