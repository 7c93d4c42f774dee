<?php

namespace Swoole\Connection;

use FpmBridge\Compat\State;
use Swoole\Server;

/**
 * `$server->connections`: keys 1, 2, 3, …, values fds in ascending order. One question per event; nested loops over the
 * same object share the cursor, as in the extension.
 */
class Iterator implements \Iterator, \ArrayAccess, \Countable
{
    private $server;
    private $state;
    private $fds = [];
    private $at = 1;
    private $listener = -1;

    /**
     * @internal only a Swoole\Server builds it
     * @param int $listener the port whose connections these are; -1: all
     * @throws \Error without a server
     */
    public function __construct($server = null, $state = null, int $listener = -1)
    {
        if (!$server instanceof Server || !$state instanceof State) {
            throw new \Error('please use the Swoole\Server->connections');
        }
        $this->server = \WeakReference::create($server);
        $this->state = $state;
        $this->listener = $listener;
    }

    /**
     * Open connections, those that are closing included.
     */
    public function count(): int
    {
        return $this->state->started ? $this->state->run->connections()->count($this->listener) : 0;
    }

    public function rewind(): void
    {
        $this->at = 1;
        $this->fds = [];
        if ($this->state->started) {
            $fds = $this->state->run->connections()->list(0, 0, $this->listener) ?? [];
            $open = $this->state->open($fds);
            if (count($open) < count($fds)) {
                array_unshift($open, 0);
                unset($open[0]);
            }
            $this->fds = $open;
        }
    }

    public function valid(): bool
    {
        return isset($this->fds[$this->at]);
    }

    #[\ReturnTypeWillChange]
    public function current()
    {
        return $this->fds[$this->at] ?? null;
    }

    #[\ReturnTypeWillChange]
    public function key()
    {
        return $this->at;
    }

    public function next(): void
    {
        $this->at++;
    }

    /**
     * As Server::exists().
     */
    public function offsetExists($fd): bool
    {
        $server = $this->server->get();
        return $server !== null && $server->exists((int) $fd);
    }

    /**
     * As Server::getClientInfo().
     *
     * @return array|false
     */
    #[\ReturnTypeWillChange]
    public function offsetGet($fd)
    {
        $server = $this->server->get();
        return $server === null ? false : $server->getClientInfo((int) $fd);
    }

    /**
     * Does nothing, as in the extension.
     */
    public function offsetSet($fd, $value): void
    {
    }

    /**
     * Does nothing, as in the extension.
     */
    public function offsetUnset($fd): void
    {
    }

    /**
     * @throws \Error always, as in the extension
     */
    public function __clone()
    {
        throw new \Error('Trying to clone an uncloneable object of class ' . static::class);
    }

    /**
     * @throws \Exception always, as in the extension
     */
    public function __serialize(): array
    {
        throw new \Exception("Serialization of '" . static::class . "' is not allowed");
    }

    /**
     * What print_r() and var_dump() show, as the extension.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo()
    {
        return [];
    }
}
