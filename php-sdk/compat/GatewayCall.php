<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Client;
use FpmBridge\ClientException;
use FpmBridge\Gateway;
use FpmBridge\GatewayWorker;
use FpmBridge\Result;
use FpmBridge\Runtime;
use FpmBridge\Target;
use GatewayWorker\Lib\Gateway as Facade;
use InvalidArgumentException;
use LogicException;

/**
 * How GatewayWorker\Lib\Gateway gets at the bridge, and how it reads its arguments.
 */
final class GatewayCall
{
    private const DEFAULT = '127.0.0.1:1236';
    private const PAGE = 65536;

    /** @var array<string, Client> by what they were made of */
    private static array $clients = [];

    /**
     * GatewayClient's name for the same class.
     */
    public static function alias(): void
    {
        if (!class_exists('GatewayClient\Gateway', false)) {
            class_alias(Facade::class, 'GatewayClient\Gateway');
        }
    }

    /**
     * Asks the bridge: the event's way inside of one, a Client elsewhere.
     *
     * @param callable(Client|Gateway): mixed $ask
     * @return mixed
     * @throws ClientException when no address can be reached, or the bridge refuses
     */
    public static function ask(callable $ask)
    {
        // By name: elsewhere its file is not even loaded.
        $run = class_exists('FpmBridge\Runtime', false) ? Runtime::current() : null;
        if ($run !== null) {
            return $ask($run->event === null && $run->client !== null ? $run->client : Gateway::current());
        }
        $addresses = (array) Facade::$registerAddress;
        $last = array_pop($addresses);
        foreach ($addresses as $address) {
            try {
                return $ask(self::client((string) $address));
            } catch (ClientException $e) {
                if ($e->getCode() !== ClientException::UNREACHABLE) {
                    throw $e;
                }
            }
        }
        return $ask(self::client((string) $last));
    }

    /**
     * Has an operation carried out.
     *
     * @param callable(Client|Gateway): ?Result $operate
     * @return bool whether it met somebody; true inside of an event
     */
    public static function done(callable $operate): bool
    {
        $result = self::ask($operate);
        return $result === null || $result->any();
    }

    private static function client(string $address): Client
    {
        $key = (string) Facade::$secretKey;
        if ($address === self::DEFAULT && getenv('FPMBRIDGE_API') !== false) {
            $address = (string) getenv('FPMBRIDGE_API');
            $key = $key === '' ? (string) getenv('FPMBRIDGE_KEY') : $key;
        }
        if (preg_match('!^(unix|tcp|https?):!', $address) !== 1) {
            $address = "tcp:$address";
        }
        $persistent = (bool) Facade::$persistentConnection;
        $timeout = (float) Facade::$connectTimeout;
        $name = "$address $persistent $timeout $key";
        return self::$clients[$name] ?? self::$clients[$name] = new Client($address, $key, [
            'connect_timeout' => $timeout,
            'persistent' => $persistent,
        ]);
    }

    /**
     * The connection of a client_id.
     *
     * @param mixed $id
     * @return int 0, with a warning, if it is none
     */
    public static function fd($id): int
    {
        $fd = is_int($id) ? max(0, $id) : (is_string($id) ? GatewayWorker::fd($id) : 0);
        if ($fd === 0) {
            self::wrong('client_id ' . (is_scalar($id) ? "'$id'" : gettype($id)) . ' is none of this bridge');
        }
        return $fd;
    }

    /**
     * @param mixed $ids one, a list, or nothing
     * @return list<int>
     */
    public static function fds($ids): array
    {
        $fds = [];
        foreach (is_array($ids) ? $ids : ($ids ? [$ids] : []) as $id) {
            $fds[] = self::fd($id);
        }
        return array_values(array_unique(array_filter($fds)));
    }

    /**
     * Names of groups or users.
     *
     * @param mixed $names one or a list
     * @return list<string> without those that are empty, each with a warning
     * @throws InvalidArgumentException for one that is no string or int, or longer than 255 bytes
     */
    public static function names($names, string $what): array
    {
        $list = [];
        foreach (is_array($names) && $names !== [] ? $names : [$names] as $name) {
            if (empty($name)) {
                self::wrong("$what(" . var_export($name, true) . ') is empty');
            } else {
                $list[] = $name;
            }
        }
        return Target::names($list);
    }

    /**
     * @param mixed $message
     * @throws InvalidArgumentException for an array or an object that is no string
     */
    public static function message($message): string
    {
        if (is_array($message) || is_object($message) && !method_exists($message, '__toString')) {
            throw new InvalidArgumentException('a message is a string, not ' . gettype($message));
        }
        return (string) $message;
    }

    /**
     * The connection that the event in hand is about.
     *
     * @throws LogicException outside of an event
     */
    public static function current(string $method): int
    {
        $run = class_exists('FpmBridge\Runtime', false) ? Runtime::current() : null;
        if ($run === null || $run->event === null || $run->event->fd === 0) {
            throw new LogicException("$method() is for events of a connection: there is no current client here");
        }
        return $run->event->fd;
    }

    /**
     * @return false
     */
    public static function wrong(string $what): bool
    {
        trigger_error("GatewayWorker\\Lib\\Gateway: $what", E_USER_WARNING);
        return false;
    }

    /**
     * @param list<int> $fds
     * @return array<string, string> client_id => client_id
     */
    public static function ids(array $fds): array
    {
        $ids = array_map([GatewayWorker::class, 'clientId'], $fds);
        return $ids === [] ? [] : array_combine($ids, $ids);
    }

    /**
     * All pages of a list of connections.
     *
     * @param callable(Client|Gateway, int): list<int> $page
     * @return list<int>
     */
    public static function all(callable $page): array
    {
        return self::ask(static function ($bridge) use ($page): array {
            $list = [];
            do {
                $next = $page($bridge, $list === [] ? 0 : end($list));
                $list = $list === [] ? $next : array_merge($list, $next);
            } while (count($next) === self::PAGE);
            return $list;
        });
    }

    /**
     * All pages of a list of names.
     *
     * @param callable(Client|Gateway, string): array<array-key, int> $page
     * @return array<array-key, int> name => connections
     */
    public static function counts(callable $page): array
    {
        return self::ask(static function ($bridge) use ($page): array {
            $list = [];
            $last = '';
            do {
                $next = $page($bridge, $last);
                $list += $next;
                $last = (string) array_key_last($next);
            } while (count($next) === self::PAGE);
            return $list;
        });
    }

    /**
     * @param callable(Client|Gateway, string): array<array-key, int> $page
     * @return array<array-key, string> name => name
     */
    public static function keys(callable $page): array
    {
        $names = array_keys(self::counts($page));
        return $names === [] ? [] : array_combine($names, array_map('strval', $names));
    }

    /**
     * Connections with users, groups and, if asked for, attributes.
     *
     * @param string $group '': all
     * @return list<array<string, mixed>>
     */
    public static function members(string $group, bool $attributes = false): array
    {
        return self::ask(static function ($bridge) use ($group, $attributes): array {
            $list = [];
            do {
                $last = $list === [] ? 0 : end($list)['fd'];
                $page = $bridge->members($group, $last, self::PAGE, $attributes);
                $list = $list === [] ? $page : array_merge($list, $page);
            } while ($page !== []);
            return $list;
        });
    }
}
