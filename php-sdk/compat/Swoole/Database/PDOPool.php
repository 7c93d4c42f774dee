<?php

namespace Swoole\Database;

use Swoole\ConnectionPool;

/**
 * PDO connections that the coroutines of an event share.
 */
class PDOPool extends ConnectionPool
{
    /** @var PDOConfig */
    protected $config;

    public function __construct(PDOConfig $config, int $size = self::DEFAULT_SIZE)
    {
        $this->config = $config;
        parent::__construct(static function () use ($config) {
            return new \PDO($config->dsn(), $config->getUsername(), $config->getPassword(), $config->getOptions());
        }, $size);
    }
}
