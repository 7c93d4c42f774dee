<?php

namespace Swoole;

use Swoole\Coroutine\Channel;

/**
 * Connections that the coroutines of an event share. They end with the PHP run.
 */
class ConnectionPool
{
    public const DEFAULT_SIZE = 64;

    protected $pool;
    protected $constructor;
    protected $size;
    protected $num = 0;
    protected $proxy;

    /**
     * @param callable $constructor makes a connection
     * @param int $size most connections at once
     * @param string|null $proxy a class that is given $constructor
     */
    public function __construct(callable $constructor, int $size = self::DEFAULT_SIZE, ?string $proxy = null)
    {
        $this->pool = new Channel($size);
        $this->constructor = $constructor;
        $this->size = $size;
        $this->proxy = $proxy;
    }

    public function fill(): void
    {
        while ($this->size > $this->num) {
            $this->make();
        }
    }

    /**
     * A connection; waits for one when there are as many as may be.
     *
     * @param float $timeout seconds; 0 and less: no limit
     * @return mixed false after the time
     * @throws \RuntimeException when the pool is closed
     */
    public function get(float $timeout = -1)
    {
        if ($this->pool === null) {
            throw new \RuntimeException('Pool has been closed');
        }
        if ($this->pool->isEmpty() && $this->num < $this->size) {
            $this->make();
        }
        return $this->pool->pop($timeout);
    }

    /**
     * @param mixed $connection null: it is broken, the pool may make another one
     */
    public function put($connection): void
    {
        if ($this->pool === null) {
            return;
        }
        if ($connection !== null) {
            $this->pool->push($connection);
            return;
        }
        $this->num--;
        $this->make();
    }

    public function close(): void
    {
        if ($this->pool !== null) {
            $this->pool->close();
        }
        $this->pool = null;
        $this->num = 0;
    }

    protected function make(): void
    {
        $this->num++;
        try {
            $connection = $this->proxy !== null ? new $this->proxy($this->constructor) : ($this->constructor)();
        } catch (\Throwable $thrown) {
            $this->num--;
            throw $thrown;
        }
        $this->put($connection);
    }
}
