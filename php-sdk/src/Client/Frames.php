<?php

declare(strict_types=1);

namespace FpmBridge\Client;

use FpmBridge\Target;
use InvalidArgumentException;

/**
 * Operations and answers as frames have them: docs/protocol.md section 12.
 */
final class Frames
{
    private const MAX = 16777216;

    /**
     * Finds mistakes before they cost the whole answer of an event.
     *
     * @param list<string> $into
     * @throws InvalidArgumentException
     */
    public static function check(int $operation, Target $target, int $code, array $into, string $data): void
    {
        $none = $target->fds === [] && $target->uids === [] && $target->groups === [];
        if ($operation !== 5 && $none !== $target->all) {
            throw new InvalidArgumentException($none ? 'no target' : 'all, and other targets next to it');
        }
        if (strlen($data) > self::MAX) {
            throw new InvalidArgumentException('data of ' . strlen($data) . ' bytes is too large: 16 MiB');
        }
        if ($operation >= 8) {
            if (strlen($data) > 4096) {
                throw new InvalidArgumentException('attributes of ' . strlen($data) . ' bytes: at most 4096 as JSON');
            }
            return;
        }
        if ($operation >= 3 && $operation <= 6 && $into === []) {
            throw new InvalidArgumentException($operation === 6 ? 'no user' : 'no group');
        }
        if ($operation === 6 && count($into) !== 1) {
            throw new InvalidArgumentException('a connection has one user');
        }
        if ($operation === 1) {
            if ($code !== 1 && $code !== 2 && $code !== 9 && $code !== 10) {
                throw new InvalidArgumentException("opcode $code is not 1 text, 2 binary, 9 ping or 10 pong");
            }
            if ($code > 2 && strlen($data) > 125) {
                throw new InvalidArgumentException('a ping or pong carries at most 125 bytes');
            }
            if ($code === 1 && preg_match('//u', $data) !== 1) {
                throw new InvalidArgumentException('a text that is not valid UTF-8: push it as BINARY');
            }
        } elseif ($operation === 2 || $operation === 6 && ($code !== 0 || $data !== '')) {
            $sendable = in_array($code, [1000, 1001, 1003], true) || ($code >= 1007 && $code <= 1014)
                || ($code >= 3000 && $code <= 4999);
            if (!$sendable) {
                throw new InvalidArgumentException(
                    "close code $code is not one of 1000, 1001, 1003, 1007-1014, 3000-4999"
                );
            }
            if (strlen($data) > 123 || preg_match('//u', $data) !== 1) {
                throw new InvalidArgumentException('a reason is UTF-8 and has at most 123 bytes');
            }
        }
    }

    /**
     * Seconds as the bridge takes them.
     *
     * @return int milliseconds; 0: no wait
     * @throws InvalidArgumentException for more than 30 seconds
     */
    public static function wait(float $seconds): int
    {
        if (!($seconds >= 0.0 && $seconds <= 30.0)) {
            throw new InvalidArgumentException("a wait of $seconds seconds: want 0 to 30");
        }
        return (int) ceil($seconds * 1000);
    }

    /**
     * Attributes as JSON: an object, also if there are none.
     *
     * @param array<array-key, mixed> $attributes
     * @throws InvalidArgumentException if JSON cannot carry them
     */
    public static function attributes(array $attributes): string
    {
        $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;
        // 8 is the bridge's limit, too.
        $json = json_encode((object) $attributes, $flags, 8);
        if ($json === false) {
            throw new InvalidArgumentException('attributes that JSON cannot carry: ' . json_last_error_msg());
        }
        return $json;
    }

    /**
     * @return array{total: int, fds: list<int>, names: array<array-key, int>, info: array<string, mixed>|null,
     *     members: list<array<string, mixed>>}
     */
    public static function answer(int $what, int $code, int $total, string $meta, string $data): array
    {
        $answer = ['total' => $total, 'fds' => [], 'names' => [], 'info' => null, 'members' => [], 'lists' => []];
        if ($code !== 0) {
            return $answer;
        }
        if ($what === 7) {
            $names = self::names($data, 0);
            $uid = array_shift($names);
            $connection = json_decode($meta, true);
            $answer['info'] = ['connection' => $connection, 'uid' => $uid === '' ? null : $uid, 'groups' => $names];
        } elseif ($what === 8 || $what === 9) {
            $answer['info'] = json_decode($meta, true);
        } elseif ($what === 10) {
            $answer['members'] = self::members($data);
        } elseif ($what === 11) {
            for ($at = 0, $end = strlen($data); $at < $end; $at += 8 + 8 * $count) {
                $count = unpack('N', $data, $at + 4)[1];
                $answer['lists'][] = $count === 0 ? [] : array_values(unpack("J$count", $data, $at + 8));
            }
        } elseif ($what <= 3) {
            $answer['fds'] = $data === '' ? [] : array_values(unpack('J*', $data));
        } else {
            foreach (self::names($data, 4) as $i => $name) {
                $answer['names'][$name[0]] = $name[1];
            }
        }
        return $answer;
    }

    /**
     * The uids in the meta of question 11.
     *
     * @return list<string>
     */
    public static function uids(string $meta): array
    {
        $list = [];
        for ($at = 0, $end = strlen($meta); $at < $end; $at += 2 + ord($meta[$at + 1])) {
            $list[] = (string) substr($meta, $at + 2, ord($meta[$at + 1]));
        }
        return $list;
    }

    /**
     * @return list<array<string, mixed>>
     */
    private static function members(string $data): array
    {
        $list = [];
        for ($at = 0, $end = strlen($data); $at < $end;) {
            $head = unpack('Jfd/Clength', $data, $at);
            $uid = (string) substr($data, $at + 9, $head['length']);
            $at += 9 + $head['length'];
            $groups = [];
            $count = unpack('N', $data, $at)[1];
            for ($at += 4; $count > 0; $count--) {
                $length = ord($data[$at]);
                $groups[] = (string) substr($data, $at + 1, $length);
                $at += 1 + $length;
            }
            $length = unpack('N', $data, $at)[1];
            $list[] = [
                'fd' => $head['fd'],
                'uid' => $uid === '' ? null : $uid,
                'groups' => $groups,
                'attributes' => $length === 0 ? [] : json_decode(substr($data, $at + 4, $length), true),
            ];
            $at += 4 + $length;
        }
        return $list;
    }

    /**
     * @param int $number bytes of the number behind each name: 0 or 4
     * @return list<mixed> names, or pairs of name and number
     */
    private static function names(string $data, int $number): array
    {
        $list = [];
        for ($at = 0, $end = strlen($data); $at < $end; $at += 1 + $length + $number) {
            $length = ord($data[$at]);
            $name = (string) substr($data, $at + 1, $length);
            $list[] = $number === 0 ? $name : [$name, unpack('N', $data, $at + 1 + $length)[1]];
        }
        return $list;
    }
}
