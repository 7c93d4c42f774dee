<?php

namespace Swoole\Database;

/**
 * What a RedisPool connects to.
 */
class RedisConfig
{
    protected $host = '127.0.0.1';
    protected $port = 6379;
    protected $timeout = 0.0;
    protected $reserved = '';
    protected $retry_interval = 0;
    protected $read_timeout = 0.0;
    protected $auth = '';
    protected $dbIndex = 0;
    protected $options = [];

    public function getHost(): string
    {
        return $this->host;
    }

    /**
     * @return static
     */
    public function withHost(string $host)
    {
        $this->host = $host;
        return $this;
    }

    public function getPort(): int
    {
        return $this->port;
    }

    /**
     * @return static
     */
    public function withPort(int $port)
    {
        $this->port = $port;
        return $this;
    }

    public function getTimeout(): float
    {
        return $this->timeout;
    }

    /**
     * @return static
     */
    public function withTimeout(float $timeout)
    {
        $this->timeout = $timeout;
        return $this;
    }

    public function getReserved(): string
    {
        return $this->reserved;
    }

    /**
     * @return static
     */
    public function withReserved(string $reserved)
    {
        $this->reserved = $reserved;
        return $this;
    }

    public function getRetryInterval(): int
    {
        return $this->retry_interval;
    }

    /**
     * @return static
     */
    public function withRetryInterval(int $retry_interval)
    {
        $this->retry_interval = $retry_interval;
        return $this;
    }

    public function getReadTimeout(): float
    {
        return $this->read_timeout;
    }

    /**
     * @return static
     */
    public function withReadTimeout(float $read_timeout)
    {
        $this->read_timeout = $read_timeout;
        return $this;
    }

    public function getAuth(): string
    {
        return $this->auth;
    }

    /**
     * @return static
     */
    public function withAuth(string $auth)
    {
        $this->auth = $auth;
        return $this;
    }

    public function getDbIndex(): int
    {
        return $this->dbIndex;
    }

    /**
     * @return static
     */
    public function withDbIndex(int $dbIndex)
    {
        $this->dbIndex = $dbIndex;
        return $this;
    }

    public function getOptions(): array
    {
        return $this->options;
    }

    /**
     * @return static
     */
    public function withOptions(array $options)
    {
        $this->options = $options;
        return $this;
    }
}
