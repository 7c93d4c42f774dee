<?php

declare(strict_types=1);

namespace FpmBridge;

use FpmBridge\Client\HttpTransport;
use FpmBridge\Client\SocketTransport;
use FpmBridge\Client\Transport;

/**
 * Push to WebSockets from any PHP: a web request, a queue job, cron. docs/push.md.
 *
 *     $bridge = new Client('unix:/run/fpmbridge/api.sock', $key);
 *     $result = $bridge->pushToUid('7', json_encode($news));
 *     if (!$result->any()) { ... nobody is there ... }
 *
 * The connection is made with the first question and kept; between web requests of one PHP-FPM child, too. Every
 * method throws ClientException when the bridge gives no answer or refuses. A target is a Target, an fd, or a list of
 * fds.
 */
final class Client
{
    use Questions;

    public const TEXT = 1;
    public const BINARY = 2;
    public const PING = 9;
    public const PONG = 10;

    private Transport $transport;

    /**
     * @param string $address `unix:/path` or `tcp:host:port` (fastest), or `http://host:port`, `https://...`
     * @param string $key one of api.keys; '' for a Unix socket without keys
     * @param array{timeout?: float, connect_timeout?: float, persistent?: bool} $options seconds: 5.0 and 1.0; true
     */
    public function __construct(string $address, string $key = '', array $options = [])
    {
        $options += ['timeout' => 5.0, 'connect_timeout' => 1.0, 'persistent' => true];
        $http = strncmp($address, 'http://', 7) === 0 || strncmp($address, 'https://', 8) === 0;
        $this->transport = $http
            ? new HttpTransport($address, $key, $options['timeout'], $options['connect_timeout'])
            : new SocketTransport(
                $address,
                $key,
                $options['timeout'],
                $options['connect_timeout'],
                $options['persistent']
            );
    }

    /**
     * A client that reaches the bridge in another way: FakeBridge::client().
     */
    public static function over(Transport $transport): self
    {
        $client = new self('');
        $client->transport = $transport;
        return $client;
    }

    /**
     * @param Target|int|iterable<int> $target
     * @param int $opcode TEXT (UTF-8), BINARY, PING or PONG (at most 125 bytes)
     * @param float $wait seconds, at most 30: wait until the message has left the bridge for each of them.
     *     Result::$done then counts those that it was written to, $late those that it still waits for. 0.0: done is
     *     queued
     */
    public function push($target, string $data, int $opcode = self::TEXT, float $wait = 0.0): Result
    {
        return $this->transport->operate(1, Target::from($target), $opcode, [], $data, $wait);
    }

    /**
     * @param string|int|iterable<string|int> $uids
     */
    public function pushToUid($uids, string $data, int $opcode = self::TEXT): Result
    {
        return $this->push(Target::uids($uids), $data, $opcode);
    }

    /**
     * @param string|int|iterable<string|int> $groups
     * @param int|iterable<int> $exceptFds
     */
    public function pushToGroup($groups, string $data, int $opcode = self::TEXT, $exceptFds = []): Result
    {
        return $this->push(Target::groups($groups)->exceptFds($exceptFds), $data, $opcode);
    }

    /**
     * @param int|iterable<int> $exceptFds
     */
    public function pushToAll(string $data, int $opcode = self::TEXT, $exceptFds = []): Result
    {
        return $this->push(Target::all()->exceptFds($exceptFds), $data, $opcode);
    }

    /**
     * @param Target|int|iterable<int> $target
     * @param int $code 1000, 1001, 1003, 1007 to 1014 or 3000 to 4999
     * @param string $reason UTF-8, at most 123 bytes
     */
    public function close($target, int $code = 1000, string $reason = ''): Result
    {
        return $this->operate(2, Target::from($target), $code, [], $reason);
    }

    /**
     * @param Target|int|iterable<int> $target
     * @param string|int|iterable<string|int> $groups
     */
    public function join($target, $groups): Result
    {
        return $this->operate(3, Target::from($target), 0, Target::names($groups), '');
    }

    /**
     * @param Target|int|iterable<int> $target
     * @param string|int|iterable<string|int> $groups
     */
    public function leave($target, $groups): Result
    {
        return $this->operate(4, Target::from($target), 0, Target::names($groups), '');
    }

    /**
     * Takes everybody out of groups.
     *
     * @param string|int|iterable<string|int> $groups
     */
    public function dissolve($groups): Result
    {
        return $this->operate(5, Target::none(), 0, Target::names($groups), '');
    }

    /**
     * Makes a user the one of a connection, in the place of another one. A user may have several connections.
     *
     * @param Target|int|iterable<int> $target
     * @param string|int $uid
     * @param int $code not 0: the user's other connections are closed with it (single sign-on)
     */
    public function bindUid($target, $uid, int $code = 0, string $reason = ''): Result
    {
        return $this->operate(6, Target::from($target), $code, Target::names($uid), $reason);
    }

    /**
     * @param Target|int|iterable<int> $target
     */
    public function unbindUid($target): Result
    {
        return $this->operate(7, Target::from($target), 0, [], '');
    }

    /**
     * Gives connections other attributes: what the script knows of a client, sent along with each of its events.
     *
     * @param Target|int|iterable<int> $target
     * @param array<array-key, mixed> $attributes at most 4096 bytes as JSON; [] for none
     */
    public function setAttributes($target, array $attributes): Result
    {
        return $this->operate(8, Target::from($target), 0, [], Client\Frames::attributes($attributes));
    }

    /**
     * Changes attributes: each key takes the place of what was there, null takes the key away, arrays with keys are
     * merged in the same way (RFC 7396).
     *
     * @param Target|int|iterable<int> $target
     * @param array<array-key, mixed> $changes
     */
    public function mergeAttributes($target, array $changes): Result
    {
        return $this->operate(9, Target::from($target), 0, [], Client\Frames::attributes($changes));
    }

    /**
     * A connection's attributes; null if there is no such connection.
     *
     * @return array<array-key, mixed>|null
     */
    public function attributes(int $fd): ?array
    {
        return $this->ask(9, '', $fd, '', 0)['info'];
    }

    /**
     * Numbers since the bridge started.
     *
     * @return array<string, mixed>
     */
    public function stats(): array
    {
        return $this->ask(8, '', 0, '', 0)['info'] ?? [];
    }

    /**
     * @param list<string> $into
     */
    private function operate(int $operation, Target $target, int $code, array $into, string $data): Result
    {
        return $this->transport->operate($operation, $target, $code, $into, $data);
    }

    /**
     * @return array<string, mixed>
     */
    protected function ask(int $what, string $name, int $fd, string $after, int $limit, int $flags = 0): array
    {
        return $this->transport->ask($what, $name, $fd, $after, $limit, $flags);
    }
}
