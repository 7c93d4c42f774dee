<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use Closure;
use FpmBridge\Event;
use FpmBridge\Wire;
use ReflectionException;
use ReflectionFunction;
use ReflectionMethod;
use Swoole\Server;

/**
 * Where a script called exit: PHP does not tell, so it is the callback.
 */
final class Exits
{
    /** Types of events => Swoole's callbacks, in lower case; the first one there is was called. */
    private const CALLBACKS = [
        Wire::OPEN => ['open'],
        Wire::MESSAGE => ['message'],
        Wire::CONNECT => ['connect'],
        Wire::RECEIVE => ['receive'],
        Wire::HANDSHAKE => ['handshake'],
        Wire::BEFORE_HANDSHAKE => ['beforehandshakeresponse'],
        Wire::REQUEST => ['request'],
        Wire::BUFFER_FULL => ['bufferfull'],
        Wire::BUFFER_EMPTY => ['bufferempty'],
        Wire::TASK => ['task'],
        Wire::FINISH => ['finish'],
        Wire::PIPE_MESSAGE => ['pipemessage'],
        Wire::WORKER_ERROR => ['workererror'],
    ];

    /**
     * @param Server $server whose callback it was
     * @param array{string, callable|null}|null $doing Resident::$doing
     * @return array{string, string, int} the callback's name (empty: not known), its file and first line
     */
    public static function place(Server $server, State $state, ?Event $event, ?array $doing): array
    {
        if ($doing !== null) {
            $callback = $doing[1] ?? $state->callbacks[strtolower($doing[0])] ?? null;
            return $callback === null ? ['', '', 0] : [$doing[0]] + self::of($callback);
        }
        if ($event === null) {
            return ['', '', 0];
        }
        $ports = $state->ports($server);
        $port = $ports[$state->listener] ?? $ports[0];
        $names = self::CALLBACKS[$event->type] ?? [];
        if ($event->type === Wire::CLOSE) {
            $names = $state->spoken === Values::STATUS_ACTIVE ? ['close'] : ['disconnect', 'close'];
        }
        if (($event->type === Wire::START || $event->type === Wire::SHUTDOWN) && $state->calling !== '') {
            $names = [$state->calling];
        }
        foreach ($names as $name) {
            $callback = $port->callback($name);
            if ($callback !== null) {
                return [$name] + self::of($callback);
            }
        }
        return ['', '', 0];
    }

    /**
     * @return array{1: string, 2: int}
     */
    private static function of(callable $callback): array
    {
        try {
            if ($callback instanceof Closure) {
                $function = new ReflectionFunction($callback);
            } elseif (is_string($callback)) {
                $function = strpos($callback, '::') === false
                    ? new ReflectionFunction($callback) : new ReflectionMethod(...explode('::', $callback, 2));
            } else {
                $function = is_array($callback)
                    ? new ReflectionMethod($callback[0], $callback[1]) : new ReflectionMethod($callback, '__invoke');
            }
        } catch (ReflectionException $magic) {
            return [1 => '', 2 => 0];
        }
        return [1 => (string) $function->getFileName(), 2 => (int) $function->getStartLine()];
    }
}
