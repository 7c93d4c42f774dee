<?php

declare(strict_types=1);

namespace FpmBridge;

use InvalidArgumentException;
use LogicException;
use ReflectionMethod;

/**
 * Serves an Events class of GatewayWorker: static methods onWorkerStart, onConnect, onWebSocketConnect, onMessage,
 * onClose and onWorkerStop. docs/gatewayworker.md.
 *
 *     require __DIR__ . '/Events.php';
 *     FpmBridge\GatewayWorker::serve(Events::class);
 *
 * $_SESSION is the connection's attributes: there for each event, kept when the event changed it. The same names for
 * connections, rooms and users are GatewayWorker\Lib\Gateway.
 */
final class GatewayWorker
{
    private const HANDLERS = [
        'open' => ['onConnect', 'onWebSocketConnect'],
        'message' => ['onMessage'],
        'close' => ['onClose'],
    ];

    /** Attributes, at most, in objects and lists inside of each other. */
    private const DEPTH = 8;

    private static ?self $serving = null;

    private Runtime $run;
    private string $events;

    /** @var array<array-key, mixed>|null the session that the bridge has, or will have after the event */
    private ?array $saved = null;

    private function __construct(Runtime $run, string $events)
    {
        $this->run = $run;
        $this->events = $events;
    }

    /**
     * A connection as GatewayWorker names it: 20 hexadecimal digits.
     */
    public static function clientId(int $fd): string
    {
        return sprintf('fb%018x', $fd);
    }

    /**
     * The connection of a client_id; the digits of an fd are taken for one, too.
     *
     * @return int 0 if it is none
     */
    public static function fd(string $clientId): int
    {
        if (preg_match('/^fb00([0-7][0-9a-f]{15})$/D', $clientId, $hex) === 1) {
            return (int) hexdec($hex[1]);
        }
        return preg_match('/^[1-9][0-9]{0,17}$/D', $clientId) === 1 ? (int) $clientId : 0;
    }

    /**
     * Whether the script that ends has a class Events as GatewayWorker wants it.
     */
    public static function isWanted(): bool
    {
        if (!class_exists('Events', false) || !method_exists('Events', 'onMessage')) {
            return false;
        }
        $method = new ReflectionMethod('Events', 'onMessage');
        return $method->isStatic() && $method->isPublic() && $method->getNumberOfParameters() >= 2;
    }

    /**
     * Serves. Under the bridge it does not return.
     *
     * @param string $events the class
     * @param string $host where the bridge listens, if its command line and configuration say nothing else
     * @param array<string, mixed> $settings for the bridge, by the names of Swoole's set()
     * @throws LogicException outside of the bridge, or when there is no such class with an onMessage()
     */
    public static function serve(
        string $events = 'Events',
        string $host = '0.0.0.0',
        int $port = 9501,
        array $settings = []
    ): void {
        if (!is_callable([$events, 'onMessage'])) {
            throw new LogicException("there is no $events::onMessage(), a public static method");
        }
        $run = Runtime::require();
        self::$serving = $run->memory = $served = new self($run, ltrim($events, '\\'));
        $callbacks = [];
        foreach (self::HANDLERS as $event => $methods) {
            foreach ($methods as $method) {
                if (is_callable([$events, $method])) {
                    $callbacks[$event] = [$events, $method];
                }
            }
        }
        $identity = "gatewayworker $events $host $port " . implode(' ', array_keys($callbacks)) . Wire::json($settings);
        $run->serve($identity, static function () use ($run, $callbacks, $host, $port, $settings): array {
            $listener = ['host' => $host, 'port' => $port, 'type' => 1, 'events' => array_keys($callbacks)];
            $description = [
                'kind' => 'websocket',
                'api' => 'gatewayworker',
                'batch' => true,
                'mode' => 1,
                'settings' => (object) $settings,
                'listeners' => [$listener],
                'warnings' => [],
            ];
            return $run->isAnalysing() ? Analysis\RequestMode::into($description, [$callbacks], null) : $description;
        }, static function (Event $event) use ($served): void {
            $served->handle($event);
        }, $served->worker('onWorkerStart'), $served->worker('onWorkerStop'));
    }

    /**
     * An event's own connection got another session by Gateway::setSession() or updateSession().
     *
     * @param array<array-key, mixed> $session
     * @param bool $merge as updateSession() does
     */
    public static function overwrite(int $fd, array $session, bool $merge): void
    {
        $served = self::$serving;
        if ($served === null || $served->run !== Runtime::current() || $served->run->event === null) {
            return;
        }
        if ($served->run->event->fd === $fd) {
            $served->saved = $merge ? self::merged((array) $served->saved, $session) : $session;
            $_SESSION = $merge ? self::merged((array) $_SESSION, $session) : $session;
        }
    }

    /**
     * @param array<array-key, mixed> $session
     * @throws InvalidArgumentException for what JSON cannot bring back as it was: objects, bytes that are no UTF-8
     */
    public static function check(array $session): void
    {
        $what = self::foreign($session, 1);
        if ($what !== '') {
            throw new InvalidArgumentException(
                "a session holds null, booleans, numbers, UTF-8 strings and arrays of them: not $what"
            );
        }
    }

    /**
     * What the event in hand knows, while a resident worker's callback waits and another event comes: Runtime::$memory.
     *
     * @return array<int, mixed>
     */
    public function save(): array
    {
        return [$_SESSION ?? null, $this->saved];
    }

    /**
     * @param array<int, mixed> $saved of save()
     */
    public function restore(array $saved, bool $later = false): void
    {
        [$_SESSION, $this->saved] = $saved;
    }

    /**
     * The methods have the events' names: nothing to look up.
     *
     * @param array{string, callable|null}|null $doing Resident::$doing
     * @return array{string, string, int} as Runtime::$memory has it
     */
    public function place(?Event $event, ?array $doing): array
    {
        return ['', '', 0];
    }

    /**
     * No event is in hand.
     */
    public function clear(): void
    {
        $_SESSION = $this->saved = null;
    }

    private function handle(Event $event): void
    {
        $fd = $event->fd;
        $id = self::clientId($fd);
        $asked = $event->type !== Wire::OPEN && ($this->run->superglobals || $this->run->worker !== null);
        $info = $asked ? (array) $this->run->connections()->info($fd) : $event->connection();
        if ($this->run->superglobals) {
            Superglobals::client($id, $info);
        }
        // A resident worker's events do not bring them.
        $attributes = $this->run->worker !== null ? (array) ($info['attributes'] ?? []) : $event->attributes();
        $_SESSION = $this->saved = $attributes === [] ? null : $attributes;
        if ($event->type === Wire::OPEN) {
            $this->call('onConnect', [$id]);
            if (is_callable([$this->events, 'onWebSocketConnect'])) {
                $this->call('onWebSocketConnect', [$id, self::request($event, $id)]);
            }
        } elseif ($event->type === Wire::MESSAGE) {
            $this->call('onMessage', [$id, $event->data]);
        } else {
            $this->call('onClose', [$id]);
            return;
        }
        $session = $_SESSION ?? [];
        if (!is_array($session)) {
            throw new InvalidArgumentException('$_SESSION is an array, not ' . gettype($session));
        }
        if ($session !== ($this->saved ?? [])) {
            self::check($session);
            Gateway::current()->setAttributes($fd, $session);
        }
    }

    /**
     * @param list<mixed> $arguments
     */
    private function call(string $method, array $arguments): void
    {
        if (is_callable([$this->events, $method])) {
            ([$this->events, $method])(...$arguments);
        }
    }

    /**
     * @return (\Closure(): void)|null
     */
    private function worker(string $method): ?\Closure
    {
        if (!is_callable([$this->events, $method])) {
            return null;
        }
        return function () use ($method): void {
            $environment = $this->run->environment;
            $count = $environment->resident() ? max(1, $environment->staying()) : $environment->workers();
            $worker = ['id' => $environment->worker(), 'name' => 'fpmbridge', 'count' => $count];
            $this->call($method, [(object) $worker]);
        };
    }

    /**
     * What onWebSocketConnect() hears of the request.
     *
     * @return array{get: array<array-key, mixed>, server: array<string, mixed>, cookie: array<array-key, mixed>}
     */
    private static function request(Event $event, string $id): array
    {
        $handshake = $event->handshake();
        $info = $event->connection();
        $server = [
            'REQUEST_METHOD' => $handshake->method,
            'REQUEST_URI' => $handshake->target,
            'QUERY_STRING' => $handshake->queryString,
            'SERVER_PROTOCOL' => $handshake->protocol,
            'SERVER_NAME' => (string) preg_replace('/:\d+$/', '', (string) $handshake->header('host')),
            'SERVER_PORT' => $info['server_port'] ?? 0,
            'REMOTE_ADDR' => $info['remote_addr'] ?? '',
            'REMOTE_PORT' => $info['remote_port'] ?? 0,
            'GATEWAY_CLIENT_ID' => $id,
        ];
        foreach ($handshake->lines as [$name, $value]) {
            $name = 'HTTP_' . strtoupper(strtr($name, '-', '_'));
            $server[$name] = isset($server[$name]) ? "$server[$name], $value" : $value;
        }
        return ['get' => $handshake->query(), 'server' => $server, 'cookie' => $handshake->cookies()];
    }

    /**
     * @param array<array-key, mixed> $to
     * @param array<array-key, mixed> $changes
     * @return array<array-key, mixed>
     */
    private static function merged(array $to, array $changes): array
    {
        foreach ($changes as $key => $value) {
            if ($value === null) {
                unset($to[$key]);
            } elseif (is_array($value) && $value !== [] && array_keys($value) !== range(0, count($value) - 1)) {
                $to[$key] = self::merged(isset($to[$key]) && is_array($to[$key]) ? $to[$key] : [], $value);
            } else {
                $to[$key] = $value;
            }
        }
        return $to;
    }

    /**
     * @param array|scalar|object|null $value
     * @return string what in it JSON would change; '' nothing
     */
    private static function foreign($value, int $depth): string
    {
        if (is_string($value)) {
            return preg_match('//u', $value) === 1 ? '' : 'a string of other bytes';
        }
        if (!is_array($value)) {
            return $value === null || is_bool($value) || is_int($value) || is_float($value) && is_finite($value)
                ? '' : (is_float($value) ? 'a number that is not finite' : gettype($value));
        }
        if ($depth > self::DEPTH) {
            return 'more than ' . self::DEPTH . ' arrays in each other';
        }
        foreach ($value as $key => $inner) {
            $what = self::foreign((string) $key, 0) ?: self::foreign($inner, $depth + 1);
            if ($what !== '') {
                return $what;
            }
        }
        return '';
    }
}
