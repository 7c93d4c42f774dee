<?php

declare(strict_types=1);

namespace FpmBridge;

use InvalidArgumentException;

/**
 * Whom an operation is for: connections, users (uids), groups, or all; and who is left out. A connection that it names
 * twice is met once.
 *
 *     Target::groups('room')->andUids('7')->exceptFds($fd)
 *
 * Names of users and groups are 1 to 255 bytes, any bytes; numbers are taken as their digits. Where a list may stand,
 * one value may stand.
 */
final class Target
{
    /** @var list<int> */
    public array $fds = [];
    /** @var list<string> */
    public array $uids = [];
    /** @var list<string> */
    public array $groups = [];
    public bool $all = false;
    /** @var list<int> */
    public array $exceptFds = [];
    /** @var list<string> */
    public array $exceptUids = [];
    /** @var list<string> */
    public array $exceptGroups = [];

    private function __construct()
    {
    }

    /**
     * @param int|iterable<int> $fds
     */
    public static function fds($fds): self
    {
        return (new self())->andFds($fds);
    }

    /**
     * @param string|int|iterable<string|int> $uids
     */
    public static function uids($uids): self
    {
        return (new self())->andUids($uids);
    }

    /**
     * @param string|int|iterable<string|int> $groups
     */
    public static function groups($groups): self
    {
        return (new self())->andGroups($groups);
    }

    /**
     * Every WebSocket of the bridge.
     */
    public static function all(): self
    {
        $target = new self();
        $target->all = true;
        return $target;
    }

    /**
     * No target: dissolve needs none.
     */
    public static function none(): self
    {
        return new self();
    }

    /**
     * Any of them, or connections by number.
     *
     * @param Target|int|iterable<int> $target
     */
    public static function from($target): self
    {
        if (is_int($target)) { // most are
            $one = new self();
            $one->fds[] = $target;
            return $one;
        }
        return $target instanceof self ? $target : self::fds($target);
    }

    /**
     * @param int|iterable<int> $fds
     */
    public function andFds($fds): self
    {
        $target = clone $this;
        $target->fds = self::numbers($this->fds, $fds);
        return $target;
    }

    /**
     * @param string|int|iterable<string|int> $uids
     */
    public function andUids($uids): self
    {
        $target = clone $this;
        $target->uids = array_merge($this->uids, self::names($uids));
        return $target;
    }

    /**
     * @param string|int|iterable<string|int> $groups
     */
    public function andGroups($groups): self
    {
        $target = clone $this;
        $target->groups = array_merge($this->groups, self::names($groups));
        return $target;
    }

    /**
     * @param int|iterable<int> $fds
     */
    public function exceptFds($fds): self
    {
        $target = clone $this;
        $target->exceptFds = self::numbers($this->exceptFds, $fds);
        return $target;
    }

    /**
     * @param string|int|iterable<string|int> $uids
     */
    public function exceptUids($uids): self
    {
        $target = clone $this;
        $target->exceptUids = array_merge($this->exceptUids, self::names($uids));
        return $target;
    }

    /**
     * @param string|int|iterable<string|int> $groups
     */
    public function exceptGroups($groups): self
    {
        $target = clone $this;
        $target->exceptGroups = array_merge($this->exceptGroups, self::names($groups));
        return $target;
    }

    /**
     * @param string|int|iterable<string|int> $names
     * @return list<string>
     * @throws InvalidArgumentException for a name that is empty or longer than 255 bytes
     */
    public static function names($names): array
    {
        $list = [];
        foreach (is_iterable($names) ? $names : [$names] as $name) {
            if (!is_string($name) && !is_int($name)) {
                throw new InvalidArgumentException('a user or group is a string or an int, not ' . gettype($name));
            }
            $name = (string) $name;
            if ($name === '' || strlen($name) > 255) {
                throw new InvalidArgumentException('a user or group has 1 to 255 bytes, not ' . strlen($name));
            }
            $list[] = $name;
        }
        return $list;
    }

    /**
     * @param list<int> $to
     * @param int|iterable<int> $fds
     * @return list<int>
     */
    private static function numbers(array $to, $fds): array
    {
        foreach (is_iterable($fds) ? $fds : [$fds] as $fd) {
            if (!is_int($fd) && !(is_string($fd) && preg_match('/^\d+$/D', $fd) === 1)) {
                throw new InvalidArgumentException('a connection (fd) is an int, not ' . gettype($fd));
            }
            $to[] = (int) $fd;
        }
        return $to;
    }

    /**
     * Meta of docs/protocol.md section 12, without the targets when there is one fd alone, which travels in the header.
     *
     * @param list<string> $into groups, or the uid to bind
     * @return array{int, string} the fd for the header, or 0, and the meta
     */
    public function pack(array $into = []): array
    {
        $meta = '';
        $fd = 0;
        if (count($this->fds) === 1 && $this->fds[0] > 0) {
            $fd = $this->fds[0];
        } else {
            foreach ($this->fds as $one) {
                $meta .= "\1\10" . pack('J', $one);
            }
        }
        if ($this->exceptFds === [] && $into === [] && $this->uids === [] && $this->groups === []) {
            if ($this->exceptUids === [] && $this->exceptGroups === []) {
                return [$fd, $meta];
            }
        }
        $lists = [2 => $this->uids, 3 => $this->groups, 5 => $this->exceptUids, 6 => $this->exceptGroups, 7 => $into];
        foreach ($lists as $tag => $names) {
            foreach ($names as $name) {
                $meta .= chr($tag) . chr(strlen($name)) . $name;
            }
        }
        foreach ($this->exceptFds as $one) {
            $meta .= "\4\10" . pack('J', $one);
        }
        return [$fd, $meta];
    }

    /**
     * As the HTTP API has it.
     *
     * @return array<string, mixed>
     */
    public function json(): array
    {
        $json = $this->all ? ['all' => true] : [];
        $json += self::lists($this->fds, $this->uids, $this->groups);
        $except = self::lists($this->exceptFds, $this->exceptUids, $this->exceptGroups);
        return $except === [] ? $json : $json + ['except' => $except];
    }

    /**
     * @param list<int> $fds
     * @param list<string> $uids
     * @param list<string> $groups
     * @return array<string, mixed>
     */
    private static function lists(array $fds, array $uids, array $groups): array
    {
        return array_filter([
            'fd' => $fds,
            'uid' => self::jsonNames($uids),
            'group' => self::jsonNames($groups),
        ]);
    }

    /**
     * @param list<string> $names
     * @return list<string|array{base64: string}> a name that is not UTF-8 travels as base64
     */
    public static function jsonNames(array $names): array
    {
        $list = [];
        foreach ($names as $name) {
            $list[] = preg_match('//u', $name) === 1 ? $name : ['base64' => base64_encode($name)];
        }
        return $list;
    }
}
