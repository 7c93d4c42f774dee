<?php

namespace Swoole\Database;

/**
 * What a MysqliPool connects to.
 */
class MysqliConfig
{
    protected $host = '127.0.0.1';
    protected $port = 3306;
    protected $unixSocket = null;
    protected $dbname = 'test';
    protected $charset = 'utf8mb4';
    protected $username = 'root';
    protected $password = 'root';
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

    public function getUnixSocket(): ?string
    {
        return $this->unixSocket;
    }

    /**
     * @return static
     */
    public function withUnixSocket(?string $unixSocket)
    {
        $this->unixSocket = $unixSocket;
        return $this;
    }

    public function getDbname(): string
    {
        return $this->dbname;
    }

    /**
     * @return static
     */
    public function withDbname(string $dbname)
    {
        $this->dbname = $dbname;
        return $this;
    }

    public function getCharset(): string
    {
        return $this->charset;
    }

    /**
     * @return static
     */
    public function withCharset(string $charset)
    {
        $this->charset = $charset;
        return $this;
    }

    public function getUsername(): string
    {
        return $this->username;
    }

    /**
     * @return static
     */
    public function withUsername(string $username)
    {
        $this->username = $username;
        return $this;
    }

    public function getPassword(): string
    {
        return $this->password;
    }

    /**
     * @return static
     */
    public function withPassword(string $password)
    {
        $this->password = $password;
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
